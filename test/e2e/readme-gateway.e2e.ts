/** The gateway's section of the README, run as a new user would: its configuration, its commands, its curl; only the ports are free ones. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { usageRecordSchema } from '../../lib/contracts/usage-record';
import { eventually } from './harness/aws';
import { freePort } from './harness/emulator';
import { ROOT } from './harness/paths';

const section = /^## The gateway\n([^]*?)^## /m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![1]!;
const block = (language: string): string => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(section)![1]!;

const folder = mkdtempSync(join(tmpdir(), 'ai-margin-readme-'));
const ended: Promise<unknown>[] = [];
const stops: (() => void)[] = [];
afterAll(async () => {
  stops.forEach(stop => { stop(); });
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
});

/** In the background, in the folder, until the suite ends; gives what it has printed so far. */
function run(command: string): () => string {
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += String(chunk); });
  ended.push(new Promise(resolve => { child.once('close', resolve); }));
  stops.push(() => { child.kill(); });
  return () => printed;
}

test('a curl is answered by the mock model, with tier and cost, and its usage record is written', async () => {
  const [model, gateway] = [await freePort(), await freePort()];
  const here = (text: string): string => text.replaceAll('4010', String(model)).replaceAll('4000', String(gateway))
    .replace(/npx ai-margin (mock-model|gateway)/g, (_, name) => `node ${join(ROOT, 'assets/ai-margin.js')} ${name} --port ${name === 'gateway' ? gateway : model}`);
  writeFileSync(join(folder, 'gateway.json'), here(block('json')));
  const [startModel, startGateway, ...curl] = here(block('sh')).trim().split('\n');
  const inBackground = / &$/;
  expect([startModel, startGateway].every(command => inBackground.test(command!))).toBe(true);
  const printedByModel = run(startModel!.replace(inBackground, ''));
  await eventually(async () => printedByModel(), printed => printed.includes('listening'));
  // A variable before a command is the shell's to set.
  const printed = run(`env ${startGateway!.replace(inBackground, '')}`);
  await eventually(async () => printed(), text => text.includes('"listening"'));

  const { stdout } = await promisify(execFile)('bash', ['-c', curl.join('\n')], { cwd: folder });
  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(stdout).toMatch(/^x-ai-margin-tier: small\r$/m);
  expect(stdout).toMatch(/^x-ai-margin-cost-usd: 0\.\d+\r$/m);
  expect(stdout).toContain('"object":"chat.completion"');
  const record = await eventually(async () => printed().split('\n').find(line => line.startsWith('{"type":"usage"')), line => line !== undefined);
  expect(usageRecordSchema.parse(JSON.parse(record!))).toMatchObject({ workflow: 'DraftNote', tenant: 'acme', run: 'note-1', revenueUsd: '0.08', outcome: 'answered' });
});
