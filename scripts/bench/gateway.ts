/**
 * What a call through the gateway costs, everything on, beside the bare proxy and no proxy at all: in one run and in turns,
 * because the machine's speed drifts. CPU time per call is the figure; the rest is noise on a shared machine. Judges nothing.
 */
import { buildSync } from 'esbuild';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import { GATEWAY_PROCESS_ENVIRONMENT } from '../../lib/contracts/gateway-process';
import { freePort } from '../../test/e2e/harness/emulator';
import { ROOT } from '../../test/e2e/harness/paths';
import { Valkey } from '../../test/e2e/harness/valkey';
import { KEY, SLOW_MODEL, UNIQUE, benchConfig, bodyOf } from './gateway/config';
import type { Job, Measured } from './gateway/load';
import { Load, Service, moveToOtherCore } from './gateway/processes';

const ROUNDS = 5;
const WARM_MS = 250;
const WINDOW_MS = 2_000;
const LATENCY_WINDOW_MS = 1_000;
const OPEN_STREAMS = 256;
const HIT_GOAL_US = 150;
const TRIES = 2;
/** No round begins later: a machine that others use must not make it longer than four minutes. */
const LAST_ROUND_BEFORE_MS = 165_000;
/** The gateway's breaker for the store closes again within it. */
const RECOVERY_MS = 2_500;
const SHAPES = [{ name: 'JSON', stream: false, goal: 2 }, { name: '32-event stream', stream: true, goal: 1.5 }] as const;
/** route: every step of a route on. hit: the same, answered out of the cache. */
const WAYS = ['direct', 'bare', 'gateway', 'route', 'hit'] as const;

type Way = typeof WAYS[number];
/** By shape, callers and way: one measurement a round, undefined where none was clean. */
type Results = Map<string, (Measured | undefined)[]>;

interface Bench {
  readonly load: Load;
  readonly targets: Readonly<Record<Way, { readonly origin: string; readonly service: Service }>>;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'ai-margin-bench-gateway-'));
/** Undone last to first. */
const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];

/** So that what compiles TypeScript on the way is not measured. */
function bundle(name: string): string {
  const outfile = join(folder, `${name}.js`);
  buildSync({ entryPoints: [join(__dirname, `gateway/${name}.ts`)], outfile, bundle: true, platform: 'node', target: 'node24', format: 'cjs', minify: true });
  return outfile;
}

async function startStore(): Promise<string | undefined> {
  if (!existsSync(join(ROOT, '.e2e/venv/bin/valkey-server'))) return undefined;
  const valkey = await Valkey.start();
  undo.push(() => valkey.stop());
  // The suites want every write on the disk; ElastiCache keeps none there.
  const client = new Redis({ port: valkey.port, host: '127.0.0.1' });
  await client.config('SET', 'appendonly', 'no');
  client.disconnect();
  return valkey.clusterUrl;
}

async function startGateway(environment: NodeJS.ProcessEnv): Promise<{ origin: string; service: Service; startMs: number }> {
  const port = await freePort();
  const service = Service.measured(join(ROOT, 'assets/gateway.js'), { ...environment, AI_MARGIN_GATEWAY_PORT: String(port) });
  undo.push(() => service.stop());
  const origin = `http://127.0.0.1:${port}`;
  return { origin, service, startMs: await service.ready(`${origin}/readyz`) };
}

async function start(): Promise<Bench & { starts: number[]; store: string | undefined }> {
  const mockPort = await freePort();
  const mock = Service.other(join(ROOT, 'assets/mock-model.js'), { PORT: String(mockPort) });
  undo.push(() => mock.stop());
  const upstream = `http://127.0.0.1:${mockPort}`;
  await mock.ready(`${upstream}/healthz`);

  const store = await startStore();
  const config = join(folder, 'gateway.json');
  writeFileSync(config, JSON.stringify(benchConfig(upstream)));
  const environment = { ...GATEWAY_PROCESS_ENVIRONMENT, AI_MARGIN_GATEWAY_CONFIG: config, AI_MARGIN_GATEWAY_STORE: store, AI_MARGIN_GATEWAY_CACHE: store, BENCH_KEY: KEY };
  const starts: number[] = [];
  for (let i = 0; i < 2; i++) {
    const once = await startGateway(environment);
    starts.push(once.startMs);
    await once.service.stop();
    undo.pop();
  }
  const gateway = await startGateway(environment);
  starts.push(gateway.startMs);

  const barePort = await freePort();
  const bare = Service.measured(bundle('bare-proxy'), { UPSTREAM: upstream, PORT: String(barePort) });
  undo.push(() => bare.stop());
  const load = new Load(bundle('load'));
  undo.push(() => load.stop());
  return { load, targets: { direct: { origin: upstream, service: mock }, bare: { origin: `http://127.0.0.1:${barePort}`, service: bare }, gateway, route: gateway, hit: gateway }, starts, store };
}

const keyOf = (shape: string, callers: number, way: Way): string => `${shape} ${callers} ${way}`;

function jobFor({ targets }: Bench, way: Way, stream: boolean, concurrency: number, windowMs: number): Job {
  const { origin, service } = targets[way];
  const workflow = way === 'route' || way === 'hit' ? stream ? 'RoutedStreams' : 'Routed' : 'Ask';
  const headers = { 'content-type': 'application/json', 'authorization': `Bearer ${KEY}`, 'x-workflow': workflow };
  const body = bodyOf(stream, { unique: way !== 'hit' }).split(UNIQUE) as [string, string];
  return { origin, headers, body, concurrency, warmMs: WARM_MS, windowMs, pid: service.pid };
}

/** A window with failures is no measurement: it is told, and made again. */
async function cleanWindow({ load }: Bench, way: Way, job: Job): Promise<Measured | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const measured = await load.run(job);
    if (measured.failures === 0) return measured;
    print(`(${way}, ${job.concurrency} callers: ${measured.failures} of ${measured.failures + measured.calls} calls failed, the last one with ${measured.failure}: not counted)`);
    await pause(RECOVERY_MS);
  }
  return undefined;
}

async function measure(bench: Bench): Promise<Results> {
  const results: Results = new Map();
  for (let round = 0; round < ROUNDS && performance.now() < LAST_ROUND_BEFORE_MS; round++) {
    for (const { name, stream } of SHAPES) {
      for (const callers of [1, 32, 256]) {
        // Each round begins with another one.
        for (let i = 0; i < WAYS.length; i++) {
          const way = WAYS[(i + round) % WAYS.length]!;
          const measured = await cleanWindow(bench, way, jobFor(bench, way, stream, callers, callers === 1 ? LATENCY_WINDOW_MS : WINDOW_MS));
          const key = keyOf(name, callers, way);
          results.set(key, [...results.get(key) ?? [], measured]);
        }
      }
    }
  }
  return results;
}

/** After all the rounds: the memory of a process that has worked for a while. */
async function memoryWithOpenStreams(bench: Bench, way: Way): Promise<number> {
  const job = jobFor(bench, way, true, OPEN_STREAMS, 4_000);
  const running = cleanWindow(bench, way, { ...job, headers: { ...job.headers, 'x-workflow': 'OpenStreams' }, body: [bodyOf(true, { model: SLOW_MODEL })] });
  await pause(2_500);
  const megabytes = bench.targets[way].service.residentMegabytes;
  await running;
  return megabytes;
}

/** Median (min..max). */
function figure(values: readonly number[], digits: number): string {
  const sorted = values.filter(value => !Number.isNaN(value)).toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'not measured';
  return `${median(sorted).toFixed(digits)} (${sorted[0]!.toFixed(digits)}..${sorted.at(-1)!.toFixed(digits)})`;
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function printShape(results: Results, { name, goal }: typeof SHAPES[number]): void {
  const all = (callers: number, way: Way, value: (measured: Measured) => number): number[] =>
    results.get(keyOf(name, callers, way))!.map(measured => (measured === undefined ? NaN : value(measured)));
  /** Round by round, so that the drift of the machine falls out. */
  const ratio = (of: readonly number[], to: readonly number[]): number[] => of.map((value, i) => value / to[i]!);
  const minus = (of: readonly number[], from: readonly number[]): number[] => of.map((value, i) => value - from[i]!);
  const cpu = (measured: Measured): number => measured.cpuMicros / measured.calls;
  const rate = (measured: Measured): number => measured.calls / measured.seconds;
  print(name);
  for (const callers of [32, 256]) {
    const [bareCpu, cpuOfGateway] = [all(callers, 'bare', cpu), all(callers, 'gateway', cpu)];
    const [direct, bare, gateway] = (['direct', 'bare', 'gateway'] as const).map(way => all(callers, way, rate)) as [number[], number[], number[]];
    print(`  ${callers} callers: CPU us per request  bare ${figure(bareCpu, 0)}  gateway ${figure(cpuOfGateway, 0)}  ratio ${figure(ratio(cpuOfGateway, bareCpu), 2)}, goal at most ${goal}`);
    const [routed, hits] = [all(callers, 'route', cpu), all(callers, 'hit', cpu)];
    print(`    with every step of a route  ${figure(routed, 0)}  ratio ${figure(ratio(routed, bareCpu), 2)}  ${figure(minus(routed, cpuOfGateway), 0)} more than without  out of the cache ${figure(hits, 0)}, goal under ${HIT_GOAL_US}`);
    print(`    requests per second  direct ${figure(direct, 0)}  bare ${figure(ratio(bare, direct), 2)} of it  gateway ${figure(ratio(gateway, direct), 2)}, ${figure(ratio(gateway, bare), 2)} of bare`);
  }
  for (const share of ['p50', 'p99'] as const) {
    const time = (way: Way): number[] => all(1, way, measured => measured.firstByte[share]);
    print(`  1 caller: ms to the first byte, ${share}  direct ${figure(time('direct'), 2)}  added by bare ${figure(minus(time('bare'), time('direct')), 2)}  by the gateway ${figure(minus(time('gateway'), time('direct')), 2)}`);
  }
}

async function main(): Promise<void> {
  if (availableParallelism() < 2) throw new Error('Two cores are needed: one for what is measured, one for the rest.');
  moveToOtherCore();
  const { store, starts, ...bench } = await start();
  print(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, at most ${ROUNDS} rounds; medians (min..max). Everything on: key, requests and tokens per minute, `
    + `budgets on 4 scopes in ${store === undefined ? 'memory, for want of a Valkey (scripts/setup-e2e brings one)' : 'Valkey with cluster mode on'}, metering.`);
  const results = await measure(bench);
  const bareMegabytes = await memoryWithOpenStreams(bench, 'bare');
  const megabytes = await memoryWithOpenStreams(bench, 'gateway');
  for (const shape of SHAPES) printShape(results, shape);
  print('Gateway');
  print(`  resident memory with ${OPEN_STREAMS} open streams, after all of the above  ${megabytes.toFixed(0)} MB, goal under 150 (bare ${bareMegabytes.toFixed(0)})`);
  print(`  bundle  ${(statSync(join(ROOT, 'assets/gateway.js')).size / 1e6).toFixed(2)} MB, goal under 3`);
  print(`  from the start to /readyz  ${figure(starts, 0)} ms, goal under 1000`);
}

async function undoAll(): Promise<void> {
  for (const step of undo.splice(0).toReversed()) await step();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void undoAll().then(() => process.exit(1)); });

main().finally(undoAll).catch((error: unknown) => {
  process.stderr.write(`bench:gateway could not run. ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  process.exitCode = 1;
});
