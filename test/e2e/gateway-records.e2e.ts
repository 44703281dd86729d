/** Usage records when nobody reads them, and then the process is lost: each call that was answered has its record all the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { eventually } from './harness/aws';
import { freePort } from './harness/emulator';
import { KEY, MESSAGES, configOf, tier } from './harness/gateway';
import { ROOT } from './harness/paths';
import { MockModelProcess } from './harness/upstreams';

const CALLS = 600;
const FITTING = 10;

test('no reply goes out before its record is where a reader gets it', async () => {
  const mock = await MockModelProcess.start();
  const folder = mkdtempSync(join(tmpdir(), 'ai-margin-records-'));
  writeFileSync(join(folder, 'gateway.json'), JSON.stringify(configOf([tier('A', mock.url, 'mock-a')])));
  const port = await freePort();
  const gateway = spawn(process.execPath, [join(ROOT, 'assets/gateway.js')], {
    env: { AI_MARGIN_GATEWAY_CONFIG: join(folder, 'gateway.json'), AI_MARGIN_GATEWAY_PORT: String(port), CALLER: KEY, OTHER: `${KEY}-2` }, stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: null, allowH2: false });
  try {
    await eventually(() => pool.request({ method: 'GET', path: '/healthz' }).then(({ body }) => body.text(), () => ''), text => text.includes('ok'));
    const answered: string[] = [];
    const call = async (): Promise<void> => {
      const { statusCode, headers, body } = await pool.request({
        method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${KEY}` }, body: JSON.stringify({ model: 'any', messages: MESSAGES }),
      });
      await body.text();
      if (statusCode === 200) answered.push(String(headers['x-request-id']));
    };
    // The records of these fit into the pipe; those of the many that follow at once do not, and wait for a reader.
    await Promise.all(Array.from({ length: FITTING }, call));
    const calls = Promise.allSettled(Array.from({ length: CALLS - FITTING }, call));
    await eventually(async () => mock.account('mock-a'), ({ calls: asked }) => asked === CALLS);
    expect(answered.length).toBeGreaterThanOrEqual(FITTING);
    expect(answered.length).toBeLessThan(CALLS);
    gateway.kill('SIGKILL');
    let text = '';
    gateway.stdout.on('data', (chunk: Buffer) => { text += String(chunk); });
    await once(gateway, 'close');
    await calls;
    const recorded = new Set(text.split('\n').filter(line => line.endsWith('}')).map(line => (JSON.parse(line) as { request: string }).request));
    expect(answered.filter(id => !recorded.has(id))).toEqual([]);
  } finally {
    gateway.kill('SIGKILL');
    await pool.destroy();
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
