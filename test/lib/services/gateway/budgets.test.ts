/** Budgets, limits and revenue as a caller and an accountant see them, with real calls. A Premium call costs $0.01012, a Small one $0.001008. */
import { Budget, GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { Ledger } from '../../../../lib/gateway/ledger';
import { KEYS, Reply, Running, closeAfter, costs, errorOf, tier } from './running';
import { BadUpstream, json } from './upstream/bad-upstream';

type BudgetInput = NonNullable<GatewayConfigInput['budgets']>[number];
const budget = (usd: number, onExhausted: Budget['onExhausted'], more: Partial<BudgetInput> = {}): BudgetInput => ({ scope: 'workflow', period: 'day', usd, onExhausted, ...more });
const withBudgets = (...budgets: BudgetInput[]): Promise<Running> => Running.start({ budgets });
const HALF_A_DAY = String(12 * 3600 + 30);
const PREMIUM = 10_120_000;
const SMALL = 1_008_000;

async function spentOf(running: Running, name: string, period: Budget['period'] = 'day'): Promise<number> {
  const [state] = await running.ledger.read([{ name, period }]);
  expect([state!.open, state!.reserved]).toEqual([0, 0]);
  return state!.spent;
}

describe('an exhausted budget', () => {
  test('blocks: 402 that names it', async () => {
    const running = await withBudgets(budget(0.011, 'block'));
    expect((await running.chat()).status).toBe(200);
    for (const stream of [true, false]) {
      const reply = await running.chat({ stream });
      expect([reply.status, reply.headers['retry-after']]).toEqual([402, undefined]);
      expect(errorOf(reply)).toMatchObject({ code: 'budget_exhausted', message: 'The day\'s budget of $0.011 for workflow DraftNote is spent: raise it, or wait for the next day.' });
    }
    expect(await running.record(2)).toMatchObject({ outcome: 'refused', status: 402, error: 'budget_exhausted', costUsd: '0', attempts: 0, revenueUsd: '0', runs: 0, usage: 'none' });
    expect(await spentOf(running, 'workflow:DraftNote')).toBe(PREMIUM);
    expect(running.mock.bill.document(false).models['mock-large']?.calls).toBe(1);
  });

  test('throttles: 429, and when it begins again', async () => {
    const running = await withBudgets(budget(0.011, 'throttle'));
    await running.chat();
    const reply = await running.chat();
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, HALF_A_DAY]);
    expect(errorOf(reply)).toMatchObject({ code: 'budget_throttled', type: 'rate_limit_error', message: expect.stringContaining('begins again with the next day') });
  });

  test('degrades: the cheaper tier serves, says so, and serves on', async () => {
    const running = await withBudgets(budget(0.011, 'degrade'));
    const tiers = [];
    for (let i = 0; i < 4; i++) tiers.push((await running.chat({ stream: i % 2 === 1 })).headers['x-ai-margin-tier']);
    expect(tiers).toEqual(['Premium', 'Small', 'Small', 'Small']);
    expect(running.records.map(({ tier: by, premium, degraded, outcome, attempts }) => [by, premium, degraded, outcome, attempts])).toEqual([
      ['Premium', true, false, 'answered', 1], ...Array(3).fill(['Small', false, true, 'answered', 1]),
    ]);
    expect(await spentOf(running, 'workflow:DraftNote')).toBe(PREMIUM + 3 * SMALL);
  });

  test('degrades, and a second one on the same sum blocks', async () => {
    const running = await withBudgets(budget(0.011, 'degrade'), budget(0.0112, 'block'));
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push(await running.chat());
    expect(seen.map(({ status, headers }) => [status, headers['x-ai-margin-tier']])).toEqual([[200, 'Premium'], [200, 'Small'], [402, undefined]]);
    expect(await running.record(3)).toMatchObject({ status: 402, error: 'budget_exhausted', tier: 'Small', degraded: true, costUsd: '0' });
  });

  test('that is smaller than the call itself is never said to be spent', async () => {
    const running = await withBudgets(budget(0.0001, 'block'));
    const reply = await running.chat();
    expect(reply.status).toBe(402);
    expect(errorOf(reply).message).toMatch(/^This call may cost \$0\.00\d+, more than the whole budget of \$0\.0001 a day for workflow DraftNote: ask for fewer tokens/);
  });

  test('that only calls in flight hold is soon free: 429 and two seconds, though it would block', async () => {
    const upstream = closeAfter(await BadUpstream.start(() => undefined));
    const running = await Running.start({
      tiers: [tier('Small', { model: 'm', endpoints: [{ url: upstream.url }] }, { price: costs(10, 30) })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }],
      budgets: [budget(0.008, 'block')],
    });
    let answer: () => void = () => undefined;
    const arrived = new Promise<void>(resolve => { upstream.behaviour = (response, socket) => {
      answer = () => { json(200, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })(response, socket); };
      resolve();
    }; });
    const first = running.chat();
    await arrived;
    const second = await running.chat();
    expect([second.status, second.headers['retry-after'], errorOf(second).message]).toEqual([429, '2', expect.stringContaining('held by calls in flight')]);
    answer();
    expect((await first).status).toBe(200);
    upstream.behaviour = json(200, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
    expect((await running.chat()).status).toBe(200);
  });

  test('is not passed by calls at once, and is settled to the token', async () => {
    const running = await withBudgets(budget(0.06, 'block'));
    const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => running.chat({ stream: i % 2 === 0 })));
    const served = replies.filter(({ status }) => status === 200).length;
    expect(replies.every(({ status }) => [200, 402, 429].includes(status))).toBe(true);
    expect(await spentOf(running, 'workflow:DraftNote')).toBe(served * PREMIUM);
    expect(served).toBe(running.mock.bill.document(false).models['mock-large']?.calls);
    expect(running.records).toHaveLength(40);
    await running.record(40);
  });
});

describe('scopes', () => {
  const call = {
    notes: {}, south: { key: KEYS.SOUTH }, bare: { key: KEYS.BARE, headers: { 'x-workflow': 'DraftNote' } }, search: { headers: { 'x-workflow': 'Search' } },
  };
  test.each<[string, BudgetInput, string, Record<keyof typeof call, number>]>([
    ['global', budget(0.015, 'block', { scope: 'global' }), 'global', { notes: 402, south: 402, bare: 402, search: 402 }],
    ['workflow', budget(0.015, 'block'), 'workflow:DraftNote', { notes: 402, south: 402, bare: 402, search: 200 }],
    ['tenant', budget(0.015, 'block', { scope: 'tenant' }), 'tenant:north', { notes: 402, south: 200, bare: 402, search: 402 }],
    ['key', budget(0.015, 'block', { scope: 'key' }), 'key:notes', { notes: 402, south: 200, bare: 200, search: 402 }],
    ['one tenant only', budget(0.015, 'block', { scope: 'tenant', of: 'south' }), 'tenant:north', { notes: 200, south: 200, bare: 200, search: 200 }],
  ])('%s: what it has spent stops its own calls and no others', async (_, limit, counter, expected) => {
    const workflows = ['DraftNote', 'Search'].map(id => ({ id, tiers: ['Premium'] }));
    const running = await Running.start({ workflows, budgets: [limit, budget(9, 'block', { scope: 'tenant', period: 'month' })] });
    expect((await running.chat()).status).toBe(200);
    expect(await spentOf(running, 'tenant:north', 'month')).toBe(PREMIUM);
    if (counter !== 'tenant:north' || limit.of === undefined) expect(await spentOf(running, counter)).toBe(PREMIUM);
    // They may each cost more than the first has left, and less than the whole.
    const seen: Record<string, number> = {};
    for (const [name, sending] of Object.entries(call)) seen[name] = (await running.chat({ max_completion_tokens: 300 }, sending)).status;
    expect(seen).toEqual(expected);
  });
});

describe('what a model may bill although nothing came of it', () => {
  test('half a reply: its reservation is spent, in the record, the budget and the price of the call that another tier then answers', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('Premium', model('mock-large?inputTokens=1000&outputTokens=4&fault=truncate'), { price: costs(10, 30) }), tier('Small', model('mock-small?inputTokens=1000&outputTokens=4'))],
      workflows: [{ id: 'DraftNote', tiers: ['Premium', 'Small'] }], budgets: [budget(1, 'block')],
    }));
    const reply = await running.chat();
    const record = await running.record();
    expect(record).toMatchObject({ outcome: 'answered', tier: 'Small', attempts: 2, usage: 'provider', tokens: { input: 1000, output: 4 } });
    const lost = Number(record.lostUsd);
    // 100 tokens of output at most, and an upper bound of the input.
    expect(lost).toBeGreaterThan(0.003);
    expect(record.costUsd).toBe((lost * 1e9 + SMALL) / 1e9 + '');
    expect(reply.headers['x-ai-margin-cost-usd']).toBe(record.costUsd);
    expect(await spentOf(running, 'workflow:DraftNote')).toBe(Math.round(lost * 1e9) + SMALL);
  });

  test('no whole reply in time, and no tier left: spent, so that slow calls do not get round a budget', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('Small', model('mock-small?delayMs=60000'), { timeouts: { totalSeconds: 0.1 } })],
      workflows: [{ id: 'DraftNote', tiers: ['Small'] }], budgets: [budget(0.0005, 'block')],
    }));
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push((await running.chat()).status);
    expect(seen[0]).toBe(503);
    expect(seen.at(-1)).toBe(402);
    const { costUsd, lostUsd } = await running.record();
    expect(Number(costUsd)).toBeGreaterThan(0);
    expect(lostUsd).toBe(costUsd);
  });

  test.each(['reset', 'status=504'])('no word of what became of it, %s: each attempt is spent', async fault => {
    const running = await Running.start(model => ({ tiers: [tier('Small', model(`mock-small?fault=${fault}`))], workflows: [{ id: 'DraftNote', tiers: ['Small'] }], budgets: [budget(1, 'block')] }));
    expect((await running.chat()).status).toBe(503);
    const { costUsd, lostUsd, attempts } = await running.record();
    expect(attempts).toBe(fault === 'reset' ? 3 : 1);
    expect(Number(lostUsd)).toBeGreaterThan(0);
    expect(costUsd).toBe(lostUsd);
    expect(await spentOf(running, 'workflow:DraftNote')).toBe(Math.round(Number(lostUsd) * 1e9));
  });

  test('what is certainly not billed is free: an error, a page of a proxy', async () => {
    for (const fault of ['status=500', 'not-json', 'empty']) {
      const running = await Running.start(model => ({ tiers: [tier('Small', model(`mock-small?fault=${fault}`))], workflows: [{ id: 'DraftNote', tiers: ['Small'] }], budgets: [budget(1, 'block')] }));
      expect((await running.chat()).status).toBe(503);
      expect(await running.record()).toMatchObject({ costUsd: '0', lostUsd: '0' });
      expect(await spentOf(running, 'workflow:DraftNote')).toBe(0);
    }
  });
});

describe('limits a minute', () => {
  const withKey = (limits: object): Promise<Running> => Running.start({ keys: [{ id: 'notes', tenant: 'north', workflow: 'DraftNote', secret: { env: 'NOTES' }, ...limits }] });
  const told = (replies: readonly Reply[]): unknown[] => replies.map(({ status, headers }) => [status, headers['retry-after']]);

  test('requests: 429 and when the minute ends', async () => {
    const running = await withKey({ requestsPerMinute: 2 });
    const replies = [await running.chat(), await running.chat({ stream: true }), await running.chat()];
    expect(told(replies)).toEqual([[200, undefined], [200, undefined], [429, '30']]);
    expect(errorOf(replies[2]!)).toMatchObject({ code: 'rate_limit_exceeded', type: 'rate_limit_error', message: 'The key notes has made its 2 requests of this minute.' });
    expect(await running.record(3)).toMatchObject({ outcome: 'refused', status: 429, error: 'rate_limit_exceeded' });
  });

  test('requests: a call that takes two tiers is one, and so is one that a budget degrades', async () => {
    const keys = [{ id: 'notes', tenant: 'north', workflow: 'DraftNote', secret: { env: 'NOTES' }, requestsPerMinute: 3 }];
    const failing = await Running.start(model => ({
      keys, workflows: [{ id: 'DraftNote', tiers: ['Premium', 'Small'] }],
      tiers: [tier('Premium', model('mock-large?fault=not-json')), tier('Small', model('mock-small'))],
    }));
    const degraded = await Running.start({ keys, budgets: [budget(0.011, 'degrade')] });
    for (const running of [failing, degraded]) {
      const seen = [];
      for (let i = 0; i < 4; i++) seen.push((await running.chat()).status);
      expect(seen).toEqual([200, 200, 200, 429]);
    }
  });

  test.each([true, false])('tokens, of streams as of whole answers (stream: %p)', async stream => {
    const running = await withKey({ tokensPerMinute: 2_100 });
    const replies = [await running.chat({ stream }), await running.chat({ stream }), await running.chat({ stream })];
    expect(told(replies)).toEqual([[200, undefined], [200, undefined], [429, '30']]);
    expect(errorOf(replies[2]!).message).toMatch(/^The key notes has 2100 tokens a minute, of which 2008 are used or reserved; this call may use \d+\.$/);
  });

  test('tokens, of streams at once: none passes on what another has reserved', async () => {
    const running = await withKey({ tokensPerMinute: 1_000 });
    const replies = await Promise.all(Array.from({ length: 12 }, () => running.chat({ stream: true, max_completion_tokens: 300 })));
    expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(2);
    expect(replies.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(10);
  });

  test('a call larger than the minute itself is not told to try again', async () => {
    const running = await withKey({ tokensPerMinute: 500 });
    const reply = await running.chat({ max_completion_tokens: 1000 });
    expect([reply.status, reply.headers['retry-after'], errorOf(reply).code]).toEqual([400, undefined, 'invalid_request']);
  });
});

describe('what a call earns', () => {
  test('its run\'s revenue once, at the run\'s first call; without a run 1/callsPerRun of it', async () => {
    const running = await Running.start();
    for (const run of ['a', 'a', 'b', undefined, 'a']) await running.chat({}, { headers: run === undefined ? {} : { 'x-workflow-run': run } });
    expect(running.records.map(({ run, runs, revenueUsd }) => [run, runs, revenueUsd])).toEqual([['a', 1, '0.08'], ['a', 0, '0'], ['b', 1, '0.08'], [null, 0.5, '0.04'], ['a', 0, '0']]);
  });

  test('of calls of one run at once, exactly one is the first', async () => {
    const running = await Running.start();
    await Promise.all(Array.from({ length: 20 }, (_, i) => running.chat({ stream: i % 2 === 0 }, { headers: { 'x-workflow-run': 'a' } })));
    expect(running.records.map(({ runs }) => runs).sort()).toEqual([...Array(19).fill(0), 1]);
  });

  test('the same run of another workflow is another run', async () => {
    const running = await Running.start();
    for (const workflow of ['DraftNote', 'Search']) await running.chat({}, { headers: { 'x-workflow': workflow, 'x-workflow-run': 'a' } });
    expect(running.records.map(({ runs, revenueUsd }) => [runs, revenueUsd])).toEqual([[1, '0.08'], [1, '0']]);
  });

  test('by seats: the month\'s revenue over its runs', async () => {
    const running = await Running.start({ workflows: [{ id: 'DraftNote', tiers: ['Small'], revenue: { seats: 1600, usdPerSeatMonth: 40 }, runsPerMonth: 300_000, callsPerRun: 3 }] });
    await running.chat({}, { headers: { 'x-workflow-run': 'a' } });
    await running.chat();
    expect(running.records.map(({ revenueUsd }) => revenueUsd)).toEqual(['0.213333333333', '0.071111111111']);
  });
});

describe('a store that cannot be asked', () => {
  const lost = async (): Promise<never> => { throw new Error('the store is gone'); };
  const LOST: Ledger = { reserve: lost, settle: lost, read: lost, ping: lost, close: async () => undefined };
  const start = (budgets: BudgetInput[]): Promise<Running> => Running.start({ budgets }, LOST);
  const failures = async (running: Running): Promise<unknown> => {
    await running.gateway.stop(0);
    return running.metrics.find(line => 'StoreFailures' in line)?.StoreFailures;
  };

  test('closed: 503 that says so, and no model is asked', async () => {
    const running = await start([budget(1, 'degrade')]);
    const reply = await running.chat();
    expect([reply.status, reply.headers['retry-after'], errorOf(reply).code]).toEqual([503, '2', 'budget_store_unavailable']);
    expect(await running.record()).toMatchObject({ status: 503, error: 'budget_store_unavailable', attempts: 0 });
    expect(await failures(running)).toBeGreaterThan(0);
  });

  test('open: a run that cannot be looked up earns as a call without one, since every process sees it first; what this one knows earns nothing', async () => {
    const running = await start([budget(1, 'block', { onStoreFailure: { openUpToUsd: 1 } })]);
    for (let i = 0; i < 2; i++) await running.chat({}, { headers: { 'x-workflow-run': 'a' } });
    expect(running.records.map(({ run, runs, revenueUsd }) => [run, runs, revenueUsd])).toEqual([['a', 0.5, '0.04'], ['a', 0, '0']]);
  });

  test('open: up to this process\'s own sum, as its strictest budget has it', async () => {
    const running = await start([budget(1, 'block', { onStoreFailure: { openUpToUsd: 5 } }), budget(1, 'throttle', { onStoreFailure: { openUpToUsd: 0.011 } })]);
    expect([(await running.chat()).status, (await running.chat()).status]).toEqual([200, 503]);
  });

  test('open: what the store never took, until the gateway ends, is told', async () => {
    const running = await start([budget(1, 'block', { onStoreFailure: { openUpToUsd: 1 } })]);
    for (let i = 0; i < 3; i++) expect((await running.chat()).status).toBe(200);
    await running.gateway.stop(0);
    expect(running.metrics.find(line => 'UncountedCalls' in line)?.UncountedCalls).toBe(3);
  });

  test('is not asked by a call that has no budget, no limit and no run', async () => {
    const running = await start([]);
    expect([(await running.chat()).status, (await running.chat({ stream: true })).status]).toEqual([200, 200]);
    expect(await failures(running)).toBeUndefined();
    expect(running.log.filter(({ trouble }) => trouble !== undefined)).toEqual([]);
  });
});
