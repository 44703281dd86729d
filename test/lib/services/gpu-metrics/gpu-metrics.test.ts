/** The metrics service as it runs beside vLLM: real process, real HTTP, and a vLLM that dies, hangs and lies. */
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricsOf } from '../../../../lib/contracts/metrics';
import { Engine, NEW, OLD, Wording, vllmPage } from '../../inference/vllm-page';
import { FakeVllm } from './fake-vllm';
import { RunningService } from './running-service';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'gpu-metrics-'));
const bundle = join(folder, 'gpu-metrics.js');
const entry = join(__dirname, '../../../../lib/services/gpu-metrics/main.ts');
beforeAll(() => { buildSync({ entryPoints: [entry], outfile: bundle, bundle: true, platform: 'node', target: 'node24', format: 'cjs' }); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IDLE: Engine = { running: 0, waiting: 0, prompt: 1000, output: 500, kv: 0 };
const CONFIG = { group: 'SelfHosted/Llama', ratedTokensPerSecond: 1500, scrapeSeconds: 0.1, recordSeconds: 0.2 };

let vllm: FakeVllm;
let service: RunningService;
beforeEach(async () => {
  vllm = await FakeVllm.start(vllmPage([IDLE]));
  service = new RunningService(bundle, { ...CONFIG, url: vllm.url });
});
afterEach(async () => {
  await service.stop('SIGKILL');
  await vllm.close();
});

const says = (engine: Partial<Engine>, wording: Wording = NEW): void => {
  vllm.behaviour = { kind: 'page', text: vllmPage([{ ...IDLE, ...engine }], wording) };
};
const near = (value: unknown, expected: number): boolean => Math.abs(Number(value) - expected) < 1e-6;
const up = (): Promise<unknown> => service.until(record => Number(record.ReplicaSeconds) > 0);

test.each([['new', NEW], ['old', OLD]])('vLLM with the %s names: load, tokens and rated tokens of one record, and the totals at the end', async (_, wording) => {
  says({}, wording);
  await service.until(record => Number(record.ReplicaSeconds) > 0 && record.IdleReplicaSeconds === record.ReplicaSeconds);
  says({ running: '3.0', waiting: 1, prompt: '1.6e+03', output: 900, kv: 0.25 }, wording);
  const busy = await service.until(record => Number(record.ReplicaSeconds) > 0 && near(record.InFlightSeconds, 4 * Number(record.ReplicaSeconds)));
  expect(busy).toMatchObject({
    Group: 'SelfHosted/Llama', IdleReplicaSeconds: 0, KvCacheUsage: 25,
    WaitingSeconds: expect.closeTo(Number(busy.ReplicaSeconds), 6), RatedTokens: expect.closeTo(1500 * Number(busy.ReplicaSeconds), 6),
  });
  expect(busy._aws.CloudWatchMetrics).toEqual([expect.objectContaining({
    Namespace: 'AiMargin/Gpu', Dimensions: [['Group']], Metrics: metricsOf('gpu-metrics').map(Name => expect.objectContaining({ Name })),
  })]);
  // What is seen only by the last look belongs to the last record.
  says({ prompt: 1700, output: 1000 }, wording);
  expect(await service.stop('SIGTERM')).toEqual([0, null]);
  expect(service.total('PromptTokens')).toBe(700);
  expect(service.total('OutputTokens')).toBe(500);
  expect(service.stderr).toBe('');
});

test.each<[string, FakeVllm['behaviour'], string]>([
  ['dies', { kind: 'die' }, 'ECONNRESET'],
  ['hangs', { kind: 'hang' }, 'no whole answer within 80 ms'],
  ['never ends its answer', { kind: 'trickle' }, 'no whole answer within 80 ms'],
  ['breaks off within its answer', { kind: 'half' }, 'ECONNRESET'],
  ['answers 500', { kind: 'status', status: 500 }, 'HTTP status 500'],
  ['sends elsewhere', { kind: 'status', status: 302 }, 'HTTP status 302'],
  ['answers nothing', { kind: 'page', text: '' }, 'an empty page'],
  ['answers HTML', { kind: 'page', text: '<html>Welcome</html>\n' }, 'no vllm:num_requests_running'],
  ['answers without end', { kind: 'page', text: '# much ado\n'.repeat(400_000) }, 'a page of more than 4194304 bytes'],
  ['has calls below zero', { kind: 'page', text: vllmPage([{ ...IDLE, running: -3 }]) }, 'vllm:num_requests_running is -3'],
  ['lost count', { kind: 'page', text: vllmPage([{ ...IDLE, output: 'NaN' }]) }, 'vllm:generation_tokens_total is NaN'],
])('vLLM %s: failures are counted, replica seconds stop, load is unknown, and it recovers', async (_, fault, lastFailure) => {
  await up();
  vllm.behaviour = fault;
  const down = await service.until(record => record.ReplicaSeconds === 0 && record.lastFailure === lastFailure);
  expect(Number(down.ScrapeFailures)).toBeGreaterThan(0);
  expect(down).toMatchObject({ RatedTokens: 0 });
  for (const unknown of ['InFlightSeconds', 'WaitingSeconds', 'IdleReplicaSeconds']) expect(down).not.toHaveProperty(unknown);
  says({ output: 560 });
  await up();
  await service.stop('SIGINT');
  expect(service.total('OutputTokens')).toBe(60);
  expect(service.total('PromptTokens')).toBe(0);
});

test('vLLM restarts, told or not: what the new process made is added, nothing is counted twice', async () => {
  await up();
  says({ output: 30, prompt: 20 }, { ...NEW, processStart: 1_795_119_999 });
  await service.until(() => service.total('OutputTokens') === 30);
  says({ output: 31, prompt: 20 }, OLD);
  await service.until(() => service.total('OutputTokens') === 31);
  says({ output: 7, prompt: 3 }, OLD);
  await service.until(() => service.total('OutputTokens') === 38);
  await service.stop('SIGTERM');
  expect(service.total('PromptTokens')).toBe(23);
});

test('a counter that goes back without a restart adds nothing: counting begins anew there', async () => {
  await up();
  says({ output: 3 });
  await service.until(record => record.lastFailure === 'token counters that cannot be true');
  await up();
  expect(service.total('OutputTokens')).toBe(0);
  says({ output: 43 });
  await service.stop('SIGTERM');
  expect(service.total('OutputTokens')).toBe(40);
});

test('a KV cache usage of 7 is left out, the rest is recorded', async () => {
  await up();
  says({ kv: 7, running: 2 });
  const record = await service.until(({ ReplicaSeconds, InFlightSeconds }) => Number(ReplicaSeconds) > 0 && near(InFlightSeconds, 2 * Number(ReplicaSeconds)));
  expect(record).not.toHaveProperty('KvCacheUsage');
});

test('a vLLM that is gone for good is recorded for as long as it is', async () => {
  await up();
  await vllm.close();
  await service.until(record => record.ReplicaSeconds === 0 && record.lastFailure === 'ECONNREFUSED');
  expect(await service.stop('SIGTERM')).toEqual([0, null]);
});

test.each<[string, unknown, RegExp]>([
  ['none', undefined, /^The environment variable AI_MARGIN_GPU_METRICS is missing: [^\n]+\n$/],
  ['no JSON', '{"group"', /^AI_MARGIN_GPU_METRICS is not JSON: [^\n]+\n$/],
  ['no rated throughput', { ...CONFIG, ratedTokensPerSecond: 0, url: 'http://127.0.0.1:1/' }, /^AI_MARGIN_GPU_METRICS is not valid\. ratedTokensPerSecond is 0: [^\n]+\n$/],
  ['a scheme it does not speak', { ...CONFIG, url: 'https://127.0.0.1:1/' }, /^AI_MARGIN_GPU_METRICS is not valid\. url is "https:[^\n]+\n$/],
  ['an interval that no timer holds', { ...CONFIG, url: 'http://127.0.0.1:1/', scrapeSeconds: 1e9 }, /scrapeSeconds is 1000000000: [^\n]+\n$/],
])('settings: %s: exit code 2 and one sentence', async (_, config, sentence) => {
  const refused = new RunningService(bundle, config);
  expect(await refused.exited()).toEqual([2, null]);
  expect(refused.stderr).toMatch(sentence);
  expect(refused.records).toEqual([]);
});
