/**
 * One budget over several processes and many callers: never passed, and equal to the records and to the mock model's own
 * account, to the token; a process that is killed takes with it no more than its calls in flight.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { UsageRecord } from '../../lib/contracts/usage-record';
import { eventually } from './harness/aws';
import { GatewayProcess, codeOf, configOf, costs, tier } from './harness/gateway';
import { NOTHING, nanoOf, useGateways } from './harness/use-gateways';

const PROCESSES = 4;
const AGAIN_AFTER_MS = 200;
const gateways = useGateways();
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const recordsOf = (processes: readonly GatewayProcess[]): UsageRecord[] => processes.flatMap(({ records }) => records);
const sum = <T>(of: readonly T[], amount: (one: T) => number): number => of.reduce((total, one) => total + amount(one), 0);

/** Two models with prices of their own, under names of this test. */
const twoTiers = (name: string): ReturnType<typeof tier>[] => [
  tier('A', gateways.mock.url, `${name}-a?outputTokens=100`, { price: costs(1, 2) }),
  tier('B', gateways.mock.url, `${name}-b?outputTokens=37`, { price: costs(3, 7) }),
];

/** Nano-dollars by the mock model's own account of its tokens. */
async function billed(name: string): Promise<number> {
  const [a, b] = [await gateways.mock.account(`${name}-a`), await gateways.mock.account(`${name}-b`)];
  return a.promptTokens * 1_000 + a.completionTokens * 2_000 + b.promptTokens * 3_000 + b.completionTokens * 7_000;
}

test.each([['JSON', false], ['streams', true]])('four processes, 200 callers each, a budget for half of the calls: not a nano-dollar over, and every token accounted for (%s)', async (kind, stream) => {
  const [CALLERS, CALLS] = [200, 5];
  const name = `mock-half-${kind}`;
  // 13 in and 100 out cost 213,000 at A; 13 in and 37 out 298,000 at B.
  const limit = PROCESSES * CALLERS * CALLS * (213_000 + 298_000) / 2 / 2;
  const config = configOf(twoTiers(name), { budgets: [{ scope: 'global', period: 'month', usd: limit / 1e9, onExhausted: 'block' }] });
  const processes = await gateways.start(config, PROCESSES);
  const statuses: Record<number, number> = {};
  const caller = async (gateway: GatewayProcess, number: number): Promise<void> => {
    for (let i = 0; i < CALLS; i++) {
      for (;;) {
        const reply = await gateway.chat({ model: (number + i) % 2 === 0 ? 'A' : 'B', stream });
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
        if (![429, 503].includes(reply.status)) break;
        // What is in flight is in the way; or this machine is so busy that the store did not answer in time.
        expect(['budget_throttled', 'budget_store_unavailable']).toContain(codeOf(reply));
        await pause(AGAIN_AFTER_MS);
      }
    }
  };
  let most = 0;
  let running = true;
  const watched = (async () => {
    while (running) {
      const { spent, reserved } = await gateways.store.counter(config);
      most = Math.max(most, spent + reserved);
      await pause(10);
    }
  })();
  await Promise.all(processes.flatMap(gateway => times(CALLERS, number => caller(gateway, number))));
  running = false;
  await watched;

  expect(most).toBeLessThanOrEqual(limit);
  const state = await gateways.store.settled(config);
  expect(state).toEqual({ ...NOTHING, spent: expect.any(Number) });
  expect(state.spent).toBeLessThanOrEqual(limit);
  // What is left was too little for one more call, at the dearer tier.
  expect(state.spent).toBeGreaterThan(limit - 2_000_000);
  const calls = PROCESSES * CALLERS * CALLS;
  expect(statuses[200]! + statuses[402]!).toBe(calls);

  await Promise.all(processes.map(gateway => gateway.stop()));
  const records = recordsOf(processes);
  for (const status of [200, 402, 429, 503]) expect(records.filter(record => record.status === status)).toHaveLength(statuses[status] ?? 0);
  const answered = records.filter(({ status }) => status === 200);
  expect(nanoOf(records)).toBe(state.spent);
  expect(await billed(name)).toBe(state.spent);
  for (const [id, account] of [['A', await gateways.mock.account(`${name}-a`)], ['B', await gateways.mock.account(`${name}-b`)]] as const) {
    const own = answered.filter(record => record.tier === id);
    expect([own.length, sum(own, ({ tokens }) => tokens.input), sum(own, ({ tokens }) => tokens.output)])
      .toEqual([account.calls, account.promptTokens, account.completionTokens]);
  }
});

test.each([['JSON', false, 'delayMs=60000'], ['streams', true, 'chunkDelayMs=60000']])('one of four is killed at work: what it leaves are its calls in flight, which expire and are counted nowhere (%s)', async (kind, stream, slowness) => {
  const HANGING = 20;
  const name = `mock-killed-${kind}`;
  // A reservation lasts 10 s longer than its call may: time enough to look at it.
  const timeouts = { totalSeconds: 20 };
  const tiers = [...twoTiers(name), tier('Slow', gateways.mock.url, `${name}-slow?outputTokens=100&${slowness}`)].map(each => ({ ...each, timeouts }));
  const config = configOf(tiers, { budgets: [{ scope: 'global', period: 'month', usd: 100, onExhausted: 'block' }] });
  const processes = await gateways.start(config, PROCESSES);
  const [victim, ...others] = processes;
  let running = true;
  const caller = async (gateway: GatewayProcess, number: number): Promise<void> => {
    for (let i = 0; running; i++) await gateway.chat({ model: (number + i) % 2 === 0 ? 'A' : 'B', stream });
  };
  const working = Promise.allSettled(processes.flatMap(gateway => times(10, number => caller(gateway, number))));
  const hanging = Promise.allSettled(times(HANGING, () => victim.chat({ model: 'Slow', stream })));
  await eventually(() => gateways.mock.account(`${name}-slow`), ({ calls }) => calls === HANGING);
  await eventually(async () => victim.records.length, many => many > 100);
  await victim.kill();
  running = false;
  await Promise.all([working, hanging]);

  const survivors = new Set(recordsOf(others).map(({ request }) => request));
  const left = await eventually(() => gateways.store.inFlight(config), ids => !ids.some(id => survivors.has(id)));
  // A busy machine's store may be late, and refuses then; such a call asked no model.
  const recorded = new Set(recordsOf(processes).filter(({ attempts }) => attempts > 0).map(({ request }) => request));
  const { models, requests } = await gateways.mock.ledger();
  const asked = Object.values(models).filter((_, i) => Object.keys(models)[i]!.startsWith(name)).reduce((all, { calls }) => all + calls, 0);
  const unrecorded = Object.keys(requests).filter(id => !recorded.has(id) && left.includes(id));
  // By request: all that the model was asked is recorded, or in flight at the process that died.
  expect(unrecorded.length).toBeGreaterThanOrEqual(HANGING);
  expect(unrecorded.length + recorded.size).toBe(asked);
  const held = await gateways.store.counter(config);
  expect(held).toMatchObject({ open: left.length, expired: 0 });
  // What is written down and not in flight is counted, each once.
  expect(held.spent).toBe(nanoOf(recordsOf(processes).filter(({ request }) => !left.includes(request))));

  expect(await gateways.store.settled(config)).toEqual({ spent: held.spent, reserved: 0, open: 0, expired: left.length, expiredAmount: held.reserved });
});

test('a run whose calls go to several processes at once earns its revenue once', async () => {
  const [LANES, RUNS, CALLS] = [5, 50, 8];
  const config = configOf(twoTiers('mock-runs'), { workflows: [{ id: 'Work', tiers: ['A', 'B'], revenue: { usdPerRun: 0.08 } }] });
  const processes = await gateways.start(config, PROCESSES);
  const run = (number: number): Promise<unknown> =>
    Promise.all(times(CALLS, i => processes[i % PROCESSES]!.chat({ stream: i % 3 === 0 }, { headers: { 'x-workflow-run': `run-${number}` } })));
  await Promise.all(times(LANES, async lane => {
    for (let number = lane; number < RUNS; number += LANES) await run(number);
  }));
  await Promise.all(processes.map(gateway => gateway.stop()));
  // While the store cannot be asked each process goes by what it knows itself.
  expect(processes.flatMap(({ log }) => log.filter(({ trouble }) => trouble !== undefined))).toEqual([]);
  expect(recordsOf(processes).map(({ status }) => status)).toEqual(times(RUNS * CALLS, () => 200));
  const first = recordsOf(processes).filter(({ runs }) => runs > 0);
  expect(first.map(({ run }) => run).sort()).toEqual(times(RUNS, i => `run-${i}`).sort());
  expect(new Set(first.map(({ runs, revenueUsd }) => `${runs} ${revenueUsd}`))).toEqual(new Set(['1 0.08']));
  expect(sum(recordsOf(processes), ({ revenueUsd }) => Math.round(Number(revenueUsd) * 100))).toBe(RUNS * 8);
  const metrics = processes.flatMap(gateway => gateway.metrics);
  expect(sum(metrics, ({ Runs = 0 }) => Number(Runs))).toBe(RUNS);
  expect(sum(metrics, ({ RevenueUsd = 0 }) => Math.round(Number(RevenueUsd) * 100))).toBe(RUNS * 8);
});
