/**
 * 200,000 calls through two gateway processes and Valkey, JSON and streams mixed, some of them bad, some of a client that leaves,
 * some that the model fails at first. Nothing may pile up, neither in the processes nor in the store beyond what it has to know
 * for 10 minutes; and in the end upstream, records and budget tell the same, to the token.
 */
import { Redis } from 'iovalkey';
import { UsageRecord } from '../../lib/contracts/usage-record';
import { CounterState } from '../../lib/gateway/ledger';
import { ValkeyLedger } from '../../lib/services/gateway/ledger/valkey-ledger';
import { Account } from '../../lib/services/mock-model/bill';
import { eventually } from './harness/aws';
import { GatewayProcess, configOf, costs, startGateways, tier } from './harness/gateway';
import { residentMegabytes } from './harness/memory';
import { MockModelProcess } from './harness/upstreams';
import { Valkey } from './harness/valkey';

const CALLS = 200_000;
const WARM_UP = 20_000;
const HALF = 110_000;
const PROCESSES = 2;
const CALLERS = 48;
/** All begin in the warm-up. */
const RUNS = 500;
const INPUT_TOKENS = 20;
const OUTPUT_TOKENS = 4;
/** Dollars per million; a token is thousands of the ledger's billionths, so that sums are exact. */
const USD_PER_INPUT = 1;
const USD_PER_OUTPUT = 2;
const NANO_PER_CALL = 1000 * (INPUT_TOKENS * USD_PER_INPUT + OUTPUT_TOKENS * USD_PER_OUTPUT);

/**
 * V8 gives a busy heap more room until some 50,000 calls, seen as 60 to 90 MB; after that it hardly moves (1 to 23 MB). Whatever
 * keeps a call's request or reply keeps several KB: in the second half, of 45,000 calls a process, more than 100 MB.
 */
const MOST_MEGABYTES_SINCE_WARM_UP = 128;
const MOST_MEGABYTES_IN_SECOND_HALF = 48;
/** Of a settled reservation, known for 10 minutes. */
const MOST_BYTES_OF_SETTLED = 200;
const MEGABYTE = 1024 * 1024;

/** Of the records no more than their sums: they themselves would fill this process's memory. */
class Sums {
  public readonly outcomes: Record<string, number> = {};
  public records = 0;
  public input = 0;
  public output = 0;
  public nano = 0;
  public attempts = 0;

  public add({ outcome, error, usage, tokens, costUsd, attempts }: UsageRecord): void {
    const kind = [outcome, error ?? 'no error', `usage ${usage}`].join(', ');
    this.outcomes[kind] = (this.outcomes[kind] ?? 0) + 1;
    this.records++;
    this.input += tokens.input;
    this.output += tokens.output;
    this.nano += Math.round(Number(costUsd) * 1e9);
    this.attempts += attempts;
  }
}

interface Look {
  /** Of each gateway process. */
  readonly megabytes: readonly number[];
  readonly store: { readonly keys: number; readonly bytes: number; readonly settled: number; readonly settledBytes: number };
}

let valkey: Valkey;
let store: Redis;
let mock: MockModelProcess;
let gateways: GatewayProcess[];
let gatewayId: string;
const sums = new Sums();
const statuses: Record<number, number> = {};
const looks: Look[] = [];

beforeAll(async () => {
  [valkey, mock] = await Promise.all([Valkey.start(), MockModelProcess.start()]);
  store = new Redis({ host: '127.0.0.1', port: valkey.port });
  // A disk that others use would make it a slow store.
  await store.config('SET', 'appendonly', 'no');
  const model = `?inputTokens=${INPUT_TOKENS}&outputTokens=${OUTPUT_TOKENS}&chunks=2`;
  const price = costs(USD_PER_INPUT, USD_PER_OUTPUT);
  // Where this machine has no time for the store, the gateways go on, and tell it later.
  const budget = { period: 'month', usd: 1_000_000, onExhausted: 'block', onStoreFailure: { openUpToUsd: 1_000_000 } } as const;
  const config = configOf([
    tier('Small', mock.url, `mock-small${model}&fault=status=500&faultEvery=100`, { price }),
    tier('Slow', mock.url, `mock-slow${model}&chunkDelayMs=5`, { price }),
  ], {
    // One call in a million fails three times at the first tier: the second one serves it.
    workflows: [{ id: 'Work', tiers: ['Small', 'Slow'], revenue: { usdPerRun: 0.01 }, callsPerRun: 4 }, { id: 'Slow', tiers: ['Slow'] }],
    keys: [{ id: 'caller', tenant: 'north', workflow: 'Work', secret: { env: 'CALLER' }, requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 }],
    budgets: [{ ...budget, scope: 'global' }, { ...budget, scope: 'key' }],
    metricsSeconds: 10,
  });
  gatewayId = config.gatewayId;
  gateways = await startGateways(PROCESSES, config, valkey.clusterUrl);
  for (const gateway of gateways) gateway.onRecord = record => { sums.add(record); };
  let from = 0;
  for (const to of [WARM_UP, HALF, CALLS]) {
    await calls(from, to);
    await Promise.all(gateways.map(gateway => gateway.recorded(to / PROCESSES)));
    looks.push(await look());
    from = to;
  }
}, 1_200_000);
afterAll(async () => {
  store?.disconnect();
  await Promise.all(gateways?.map(gateway => gateway.stop()) ?? []);
  await Promise.all([mock?.stop(), valkey?.stop()]);
});

/** The nth call; answers its status. Of 100, one is bad and two are left by their clients; half of the others are streams. */
async function call(n: number): Promise<number> {
  const gateway = gateways[n % PROCESSES]!;
  if (n % 100 === 7) return (await gateway.chat({ messages: 'none' })).status;
  if (n % 50 === 5) return (await gateway.chat({ stream: true }, { headers: { 'x-workflow': 'Slow' }, onData: () => 'leave' })).status;
  const headers: Record<string, string> = n % 4 === 0 ? { 'x-workflow-run': `run-${n % (4 * RUNS)}` } : {};
  return (await gateway.chat({ stream: n % 4 > 1 }, { headers })).status;
}

async function calls(from: number, to: number): Promise<void> {
  let next = from;
  const caller = async (): Promise<void> => {
    while (next < to) {
      const status = await call(next++);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

async function look(): Promise<Look> {
  const settled = `{${gatewayId}}:settled`;
  return {
    megabytes: await Promise.all(gateways.map(({ pid }) => residentMegabytes(pid))),
    store: {
      keys: await store.dbsize(),
      bytes: Number(/used_memory:(\d+)/.exec(await store.info('memory'))?.[1]),
      settled: await store.zcard(settled),
      settledBytes: Number(await store.call('MEMORY', 'USAGE', settled, 'SAMPLES', '0')),
    },
  };
}

const counter = async (): Promise<CounterState> => (await new ValkeyLedger(store, gatewayId).read([{ name: 'global', period: 'month' }]))[0]!;

test('every call is answered as it should be, and has one record', () => {
  const bad = CALLS / 100;
  const { 'refused, invalid_request, usage none': refused, 'answered, no error, usage provider': answered = 0, 'client-gone, no error, usage provider': gone = 0, ...others } = sums.outcomes;
  expect(others).toEqual({});
  expect(statuses).toEqual({ 200: CALLS - bad, 400: bad });
  expect(sums.records).toBe(CALLS);
  expect(refused).toBe(bad);
  expect(answered + gone).toBe(CALLS - bad);
  // Some are served before the client's leaving arrives.
  expect(gone).toBeGreaterThan(CALLS / 100);
});

test('upstream, records and budget tell the same, to the token, and nothing stays reserved', async () => {
  const accounts: Account[] = [await mock.account('mock-small'), await mock.account('mock-slow')];
  const total = (of: (account: Account) => number): number => accounts.reduce((sum, account) => sum + of(account), 0);
  const served = CALLS - CALLS / 100;
  expect(total(account => account.billed)).toBe(served);
  expect([total(account => account.promptTokens), total(account => account.completionTokens)]).toEqual([served * INPUT_TOKENS, served * OUTPUT_TOKENS]);
  expect([sums.input, sums.output, sums.nano]).toEqual([served * INPUT_TOKENS, served * OUTPUT_TOKENS, served * NANO_PER_CALL]);
  // The failures at first were asked again.
  expect(sums.attempts).toBe(total(account => account.calls));
  expect(sums.attempts).toBeGreaterThan(served);
  expect(await eventually(counter, ({ open }) => open === 0)).toMatchObject({ spent: sums.nano, reserved: 0, expired: 0 });
});

test.each(Array.from({ length: PROCESSES }, (_, i) => i))('the memory of process %i is flat', i => {
  const [warm, half, end] = looks.map(({ megabytes }) => megabytes[i]!);
  expect(end! - warm!).toBeLessThan(MOST_MEGABYTES_SINCE_WARM_UP);
  expect(end! - half!).toBeLessThan(MOST_MEGABYTES_IN_SECOND_HALF);
});

test('so is that of the store, but for the settled calls of the last 10 minutes', () => {
  const [warm, , end] = looks.map(({ store: seen }) => seen);
  expect(end!.settled).toBeLessThanOrEqual(CALLS);
  expect(end!.settledBytes).toBeLessThan(end!.settled * MOST_BYTES_OF_SETTLED);
  expect(end!.keys).toBeLessThanOrEqual(warm!.keys + 2);
  expect(end!.bytes - end!.settledBytes - (warm!.bytes - warm!.settledBytes)).toBeLessThan(2 * MEGABYTE);
});
