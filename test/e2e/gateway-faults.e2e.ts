/**
 * Faults that users of other gateways reported, each a test by its number: the gateway as processes before a mock model and a
 * Valkey in cluster mode. 11 and 12 are about the exact cache, which is not there yet; 16, memory, is gateway-soak.e2e.ts.
 */
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { Budget } from '../../lib/contracts/gateway';
import { eventually } from './harness/aws';
import { GatewayProcess, KEY, MESSAGES, OTHER_KEY, Reply, codeOf, configOf, costs, tier } from './harness/gateway';
import { NOTHING, Store, nanoOf, useGateways } from './harness/use-gateways';

const gateways = useGateways();
const budget = (usd: number, more: Partial<Budget> = {}): Budget => ({ scope: 'global', period: 'month', usd, onExhausted: 'block', onStoreFailure: 'closed', ...more });
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const small = (orders: string, more: Parameters<typeof tier>[3] = {}): ReturnType<typeof tier> => tier('Small', gateways.mock.url, `mock-small?${orders}`, more);
const statuses = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status);
const answered = (replies: readonly Reply[]): number => replies.filter(({ status }) => status === 200).length;

/** 13 input tokens at $1 a million and 100 output tokens at $2 is what a call costs; before it, its input is estimated at no more than 200. */
const COSTS = 213_000;
const RESERVES_AT_MOST = 400_000;
const HUNDRED = 'outputTokens=100';

/** One call after another until one is refused; the refused one last. */
async function untilSpent(gateway: GatewayProcess, config: Parameters<Store['settled']>[0]): Promise<Reply[]> {
  const replies: Reply[] = [];
  do {
    await gateways.store.settled(config);
    replies.push(await gateway.chat());
  } while (replies.at(-1)!.status === 200 && replies.length < 1000);
  return replies;
}

test('1: check-then-increment: a hundred calls at once do not pass a budget of nine', async () => {
  const config = configOf([small(`${HUNDRED}&delayMs=200`)], { budgets: [budget(0.002)] });
  const [gateway] = await gateways.start(config);
  const burst = await Promise.all(times(100, () => gateway.chat()));
  expect(answered(burst)).toBeGreaterThan(0);
  expect(answered(burst)).toBeLessThan(10);
  expect(new Set(burst.filter(({ status }) => status !== 200).map(codeOf))).toEqual(new Set(['budget_throttled']));
  const rest = await untilSpent(gateway, config);
  expect([rest.at(-1)!.status, codeOf(rest.at(-1)!)]).toEqual([402, 'budget_exhausted']);
  const { spent } = await gateways.store.settled(config);
  expect(spent).toBe((answered(burst) + answered(rest)) * COSTS);
  expect(spent).toBeLessThanOrEqual(2_000_000);
  expect(spent).toBeGreaterThan(2_000_000 - RESERVES_AT_MOST);
});

test('2: seeding: processes that start, start again and reload leave the counter as it is and refuse nobody', async () => {
  const config = configOf([small(HUNDRED)], { budgets: [budget(0.01)] });
  const first = await gateways.start(config, 4);
  // Counted twice, it would be more than the budget.
  for (let i = 0; i < 28; i++) expect((await first[i % 4]!.chat()).status).toBe(200);
  const counted = { ...NOTHING, spent: 28 * COSTS };
  expect(await gateways.store.settled(config)).toEqual(counted);
  await Promise.all(first.slice(2).map(gateway => gateway.stop()));
  const again = await gateways.start(config, 4);
  const running = [...first.slice(0, 2), ...again];
  for (const gateway of running) gateway.write({ ...config, maxBodyBytes: 1_000_000 });
  await Promise.all(running.map(gateway => gateway.logged('a new configuration holds')));
  expect(await gateways.store.counter(config)).toEqual(counted);
  expect(statuses(await Promise.all(running.map(gateway => gateway.chat())))).toEqual(running.map(() => 200));
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, spent: (28 + running.length) * COSTS });
});

test('3: per-process counters: four processes have one budget, not four', async () => {
  const config = configOf([small(HUNDRED)], { budgets: [budget(0.002)] });
  const processes = await gateways.start(config, 4);
  const replies: Reply[] = [];
  for (let i = 0; i < 60; i++) replies.push(await processes[i % 4]!.chat());
  expect(answered(replies) * COSTS).toBeLessThanOrEqual(2_000_000);
  expect(answered(replies) * COSTS).toBeGreaterThan(2_000_000 - RESERVES_AT_MOST);
  expect(Math.min(...statuses(replies.slice(-4)))).toBeGreaterThan(400);
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, spent: answered(replies) * COSTS });
});

test('4: store time-outs: what was sent to a frozen store, and sent again, is counted once', async () => {
  const store = await gateways.ownStore();
  const config = configOf([small(`${HUNDRED}&delayMs=1500`)], { budgets: [budget(1, { onStoreFailure: { openUpToUsd: 1 } })] });
  const [gateway] = await gateways.start(config, 1, store);
  const before = times(10, () => gateway.chat());
  await store.open(config, 10);
  store.valkey.freeze();
  // Four failures do not lose the store: their reservations wait in its socket, and then ten settlements, to be read when it wakes.
  const during = await Promise.all([...before, ...times(4, () => gateway.chat())]);
  during.push(...await Promise.all(times(16, () => gateway.chat())));
  expect(answered(during)).toBe(30);
  expect(gateway.log).toContainEqual(expect.objectContaining({ trouble: 'store-lost' }));
  store.valkey.thaw();
  await eventually(() => store.counter(config).catch(() => NOTHING), ({ spent, open }) => spent >= 30 * COSTS && open === 0, 60_000);
  expect((await gateway.chat()).status).toBe(200);
  expect(await store.settled(config)).toEqual({ ...NOTHING, spent: nanoOf(await gateway.recorded(31)) });
});

test('5: pass-through routes: no path leads to a model past the budget', async () => {
  let asked = 0;
  const upstream = createServer((request, response) => {
    asked++;
    request.resume();
    response.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}');
  }).listen(0, '127.0.0.1');
  try {
    await new Promise(resolve => upstream.once('listening', resolve));
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    const [gateway] = await gateways.start(configOf([tier('Small', url, 'any')], { budgets: [budget(1)] }));
    const paths = [
      '/', '/v1', '/v1/completions', '/v1/responses', '/v1/messages', '/v1/moderations', '/v1/images/generations', '/v1/audio/speech', '/v1/audio/transcriptions',
      '/v1/files', '/v1/batches', '/v1/assistants', '/v1/threads/runs', '/v1/realtime', '/v1/fine_tuning/jobs', '/v1/models/any', '/chat/completions', '/embeddings',
      '/v1/chat/completions/', '//v1/chat/completions', '/V1/chat/completions', '/v1/chat%2Fcompletions', '/v1/../v1/chat/completions', '/v1/chat/completions/1',
      '/openai/v1/chat/completions', '/anthropic/v1/messages', '/bedrock/model/any/invoke', '/v1/chat/completions#',
    ];
    const body = JSON.stringify({ model: 'any', messages: MESSAGES });
    const send = (path: string, method: 'GET' | 'POST' | 'PUT'): Promise<Reply> =>
      gateway.send({ method, path, headers: { authorization: `Bearer ${KEY}` }, body: method === 'GET' ? undefined : body });
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'PUT'] as const) expect([path, (await send(path, method)).status]).toEqual([path, 404]);
    }
    for (const method of ['GET', 'PUT'] as const) expect((await send('/v1/chat/completions', method)).status).toBe(405);
    expect(asked).toBe(0);
    expect(gateway.records).toEqual([]);
    // And the metered one does.
    expect((await send('/v1/chat/completions?api-version=1', 'POST')).status).toBe(200);
    expect(asked).toBe(1);
    await gateway.recorded(1);
  } finally {
    await new Promise(resolve => {
      upstream.close(resolve);
      upstream.closeAllConnections();
    });
  }
});

test('6: asynchronous budgets: the very next call is refused', async () => {
  const workflows = times(20, i => ({ id: `W${i}`, tiers: ['Small'] }));
  const config = configOf([small(HUNDRED)], { workflows: [{ id: 'Work', tiers: ['Small'] }, ...workflows], budgets: [budget(0.0005, { scope: 'workflow' })] });
  const [gateway] = await gateways.start(config);
  for (const [i, { id }] of workflows.entries()) {
    const call = (): Promise<Reply> => gateway.chat({ stream: i % 2 === 0 }, { headers: { 'x-workflow': id } });
    expect((await call()).status).toBe(200);
    // 429 while the first one's settlement is under way: what is reserved for it is in the way as well.
    expect([402, 429]).toContain((await call()).status);
    expect(await gateways.store.settled(config, `workflow:${id}`)).toEqual({ ...NOTHING, spent: COSTS });
    expect((await call()).status).toBe(402);
  }
});

test('7: cached tokens: each once, at the price of the cache, also where the book has it', async () => {
  const orders = 'inputTokens=1000&cachedTokens=400&outputTokens=100';
  const of = (id: string, price: ReturnType<typeof costs>): ReturnType<typeof tier> => tier(id, gateways.mock.url, `mock-small?${orders}`, { price });
  const config = configOf([
    of('Declared', { usdPerMillionTokens: { input: 10, cacheRead: 1, output: 20 }, source: 'a test' }),
    of('Nova', { provider: 'aws', model: 'amazon.nova-pro-v1:0' }),
    of('Claude', { provider: 'aws', model: 'anthropic.claude-sonnet-4-20250514-v1:0' }),
    of('Mini', { provider: 'openai', model: 'gpt-4o-mini' }),
  ], { budgets: [budget(1)] });
  const [gateway] = await gateways.start(config);
  for (const model of ['Declared', 'Nova', 'Claude', 'Mini']) {
    for (const stream of [false, true]) await gateway.chat({ model, stream });
  }
  // 600 new, 400 cached, 100 out: at 10, 1, 20; at 0.8, 0.2, 3.2; at 3, 0.3, 15; at 0.15, 0.075, 0.6 dollars a million.
  const expected = [['Declared', '0.0084'], ['Nova', '0.00088'], ['Claude', '0.00342'], ['Mini', '0.00018']];
  const records = await gateway.recorded(8);
  expect(records.map(({ tier: id, costUsd }) => [id, costUsd])).toEqual(expected.flatMap(each => [each, each]));
  for (const { tokens } of records) expect(tokens).toEqual({ input: 1000, cacheRead: 400, cacheWrite: 0, output: 100, reasoning: 0 });
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, spent: nanoOf(records) });
});

test('8: a client that leaves mid-stream: what the provider bills is recorded and counted', async () => {
  const config = configOf([small(`${HUNDRED}&chunkDelayMs=5`)], { budgets: [budget(1)] });
  const [gateway] = await gateways.start(config);
  await Promise.all(times(5, () => gateway.chat({ stream: true }, { onData: () => 'leave' })));
  const records = await gateway.recorded(5);
  const { requests } = await gateways.mock.ledger();
  for (const { request, outcome, usage, tokens } of records) {
    expect([outcome, usage]).toEqual(['client-gone', 'provider']);
    expect([tokens.input, tokens.output]).toEqual([requests[request]!.promptTokens, requests[request]!.completionTokens]);
    expect(tokens.output).toBe(100);
  }
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, spent: 5 * COSTS });
});

test('9: reasoning is counted within the output, and a flex reply at the flex price or at none', async () => {
  const flex = { provider: 'openai', model: 'gpt-5-mini', serviceTier: 'flex' } as const;
  const override = (kind: string, usd: number) => ({ kind: 'commitment' as const, item: `openai/gpt-5-mini@flex/${kind}`, usd, unit: 'million tokens', reason: 'list price of flex', date: '2026-01-01' });
  const orders = 'inputTokens=1000&outputTokens=50&reasoningTokens=30';
  const of = (id: string, serviceTier: string, price: ReturnType<typeof costs>): ReturnType<typeof tier> => tier(id, gateways.mock.url, `mock-small?${orders}&serviceTier=${serviceTier}`, { price });
  const config = configOf([of('Flex', 'flex', flex), of('Standard', 'default', { ...flex, serviceTier: 'standard' }), of('Mixed', 'flex', { ...flex, serviceTier: 'standard' })], {
    priceOverrides: [override('input', 0.125), override('output', 1)], budgets: [budget(1)],
  });
  const [gateway] = await gateways.start(config);
  for (const model of ['Flex', 'Standard', 'Mixed']) await gateway.chat({ model });
  for (const model of ['Flex', 'Standard', 'Mixed']) await gateway.chat({ model, stream: true });
  const records = await gateway.recorded(6);
  // 1000 in and 50 out, at 0.125 and 1 of flex or 0.25 and 2 dollars a million.
  const expected = [['Flex', '0.000175'], ['Standard', '0.00035'], ['Mixed', null]];
  expect(records.map(({ tier: id, costUsd }) => [id, costUsd])).toEqual([...expected, ...expected]);
  for (const { tokens } of records) expect([tokens.output, tokens.reasoning]).toEqual([50, 30]);
  expect(records[2]!.unknownCost).toMatch(/flex.*standard/);
  // What has no known price has used up what was reserved for it.
  const { spent } = await gateways.store.settled(config);
  expect(spent).toBeGreaterThan(2 * (175_000 + 350_000));
});

test('10: tokens per minute hold for streams and for calls at once, over processes', async () => {
  const PER_MINUTE = 1_000;
  const limited = (id: string, env: string) => ({ id, tenant: 'north', workflow: 'Work', secret: { env }, tokensPerMinute: PER_MINUTE });
  const config = configOf([small(`${HUNDRED}&chunkDelayMs=1`)], { keys: [limited('caller', 'CALLER'), limited('other', 'OTHER')] });
  const processes = await gateways.start(config, 2);
  const from = Math.floor(Date.now() / 60_000);
  const burst = await Promise.all(times(60, i => processes[i % 2]!.chat({ stream: true })));
  // A limit of its own.
  expect((await processes[0].chat({}, { key: OTHER_KEY })).status).toBe(200);
  const minutes = Math.floor(Date.now() / 60_000) - from + 1;
  const used = answered(burst) * (13 + 100);
  expect(60 * (13 + 100)).toBeGreaterThan(2 * PER_MINUTE);
  expect(used).toBeLessThanOrEqual(minutes * PER_MINUTE);
  expect(used).toBeGreaterThan(0);
  for (const reply of burst.filter(({ status }) => status !== 200)) {
    expect([reply.status, codeOf(reply)]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(60);
  }
});

test('13: a frozen store: closed budgets refuse at once, open ones go on up to their cap, and readiness is red while liveness is green', async () => {
  const CAP = 0.001;
  const store = await gateways.ownStore();
  const config = configOf([small(HUNDRED)], {
    workflows: ['Work', 'Closed', 'Open'].map(id => ({ id, tiers: ['Small'] })),
    budgets: [budget(1, { scope: 'workflow', of: 'Closed' }), budget(1, { scope: 'workflow', of: 'Open', onStoreFailure: { openUpToUsd: CAP } })],
  });
  const [gateway] = await gateways.start(config, 1, store);
  const call = (workflow: string): Promise<Reply> => gateway.chat({}, { headers: { 'x-workflow': workflow } });
  expect(statuses([await call('Closed'), await call('Open')])).toEqual([200, 200]);

  store.valkey.freeze();
  for (let i = 0; i < 20; i++) {
    const begun = performance.now();
    const reply = await call('Closed');
    expect([reply.status, codeOf(reply)]).toEqual([503, 'budget_store_unavailable']);
    // 100 ms at most, and after the fifth hardly any; not the 5 s after which a silent connection is given up.
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect((await gateway.get('/healthz')).status).toBe(200);
  }
  await eventually(() => gateway.get('/readyz'), ({ status, text }) => status === 503 && text.includes('budget store'));
  expect((await gateway.get('/healthz')).status).toBe(200);
  const open = await Promise.all(times(10, () => call('Open')));
  for (let i = 0; i < 20; i++) open.push(await call('Open'));
  expect(answered(open)).toBeGreaterThan(0);
  expect(answered(open) * COSTS).toBeLessThanOrEqual(CAP * 1e9);
  expect(statuses(open.slice(-5))).toEqual(times(5, () => 503));
  for (const trouble of ['store-failed', 'store-lost']) expect(gateway.log).toContainEqual(expect.objectContaining({ level: 50, trouble }));

  store.valkey.thaw();
  await eventually(() => call('Closed'), ({ status }) => status === 200, 60_000);
  await eventually(() => gateway.get('/readyz'), ({ status }) => status === 200);
  expect(await store.settled(config, 'workflow:Closed')).toEqual({ ...NOTHING, spent: 2 * COSTS });
  const spentOpen = (1 + answered(open)) * COSTS;
  await eventually(() => store.counter(config, 'workflow:Open'), ({ spent, open: inFlight }) => spent === spentOpen && inFlight === 0, 60_000);
  await gateway.stop();
  expect(gateway.metrics.reduce((sum, { StoreFailures = 0 }) => sum + Number(StoreFailures), 0)).toBeGreaterThan(0);
});

test('14: a truncated reply is no whole one, and an error inside a 200 goes to the next tier', async () => {
  const config = configOf([
    ...['truncate', 'error-event-first', 'error-event-later', 'empty'].map(fault => tier(fault, gateways.mock.url, `mock-${fault}?${HUNDRED}&fault=${fault}`)), small(HUNDRED),
  ], { budgets: [budget(1)] });
  config.workflows.push(...config.tiers.map(({ id }) => ({ id, tiers: [id, 'Small'].filter((one, i) => i === 0 || one !== id) })));
  const [gateway] = await gateways.start(config);
  const call = (workflow: string, stream: boolean): Promise<Reply> => gateway.chat({ stream }, { headers: { 'x-workflow': workflow } });
  const whole = { status: 200, complete: true, headers: { 'x-ai-margin-tier': 'Small' } };
  for (const stream of [true, false]) {
    expect(await call('error-event-first', stream)).toMatchObject(whole);
    expect(await call('empty', stream)).toMatchObject(whole);
  }
  for (const fault of ['truncate', 'error-event-later']) {
    expect(await call(fault, false)).toMatchObject(whole);
    // Half of it was with the client already: an error, and no end that looks like one.
    const reply = await call(fault, true);
    expect(reply).toMatchObject({ status: 200, complete: false, headers: { 'x-ai-margin-tier': fault } });
    expect(reply.text).not.toContain('data: [DONE]');
    expect(reply.text).toMatch(/data: \{"error":\{[^\n]*"code":"upstream_failed"[^\n]*\n\n$/);
  }
  const records = await gateway.recorded(8);
  const outcomes = records.map(({ outcome, usage }) => `${outcome} ${usage}`).sort();
  expect(outcomes).toEqual([...times(6, () => 'answered provider'), ...times(2, () => 'cut-short estimated')]);
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, spent: nanoOf(records) });
});

test('15: a usage-only chunk is metered, and shown to the clients that asked for it', async () => {
  const config = configOf([small(`${HUNDRED}&chunks=4`), tier('Azure', gateways.mock.url, `mock-azure?${HUNDRED}&chunks=4&fault=empty-choices-first`)], { budgets: [budget(1)] });
  const [gateway] = await gateways.start(config);
  const client = new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey: KEY, maxRetries: 0 });
  const chunks = async (model: string, options?: { include_usage: boolean }): Promise<(string | undefined)[]> => {
    const shown: (string | undefined)[] = [];
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'How many are there?' }], stream: true, stream_options: options });
    for await (const { choices, usage } of stream) shown.push(choices[0] === undefined ? `empty ${usage?.completion_tokens}` : undefined);
    return shown.filter(word => word !== undefined);
  };
  for (const [model, first] of [['Small', []], ['Azure', ['empty undefined']]] as const) {
    expect(await chunks(model)).toEqual(first);
    expect(await chunks(model, { include_usage: false })).toEqual(first);
    expect(await chunks(model, { include_usage: true })).toEqual([...first, 'empty 100']);
  }
  for (const { usage, tokens, outcome } of await gateway.recorded(6)) expect([usage, tokens.output, outcome]).toEqual(['provider', 100, 'answered']);
});

test('17: a price per another unit is refused with its place and leaves the old one, and the book\'s is right to the token', async () => {
  const config = configOf([small('inputTokens=1000&outputTokens=100', { price: { provider: 'openai', model: 'gpt-4o-mini' } })], { budgets: [budget(1)] });
  const typo = { ...config, tiers: [{ ...config.tiers[0]!, price: costs(150_000, 600_000) }] };
  await expect(gateways.start(typo)).rejects.toThrow(/^The gateway ended with 2: [^]*tiers\.0\.price\.usdPerMillionTokens\.input[^]*another unit/);
  const [gateway] = await gateways.start(config);
  gateway.write(typo);
  expect((await gateway.logged('the new configuration is refused; the old one holds')).reason).toMatch(/tiers\.0\.price/);
  const reply = await gateway.chat();
  // 1000 at $0.15 and 100 at $0.60 a million.
  expect([reply.status, reply.headers['x-ai-margin-cost-usd']]).toEqual([200, '0.00021']);
  expect((await gateways.store.settled(config)).spent).toBe(210_000);
  await gateway.stop();
  expect(gateway.metrics).toContainEqual(expect.objectContaining({ ConfigRefused: 1 }));
});

test('18: a process that dies with calls in flight: their reservations expire, and the budget is free again', async () => {
  const config = configOf([
    tier('Slow', gateways.mock.url, 'mock-slow?delayMs=60000', { timeouts: { totalSeconds: 10 } }), small(HUNDRED),
  ], { budgets: [budget(0.0005)] });
  const [dies, lives] = await gateways.start(config, 2);
  const lost = dies.chat({ model: 'Slow' }).then(() => 'answered', () => 'lost');
  await gateways.store.open(config, 1);
  const { reserved } = await gateways.store.counter(config);
  await dies.kill();
  expect(await lost).toBe('lost');
  expect(reserved).toBeGreaterThan(0);
  expect((await lives!.chat({ model: 'Small' })).status).toBe(429);
  expect(await gateways.store.settled(config)).toEqual({ ...NOTHING, expired: 1, expiredAmount: reserved });
  expect((await lives!.chat({ model: 'Small' })).status).toBe(200);
  expect(await gateways.store.settled(config)).toEqual({ spent: COSTS, reserved: 0, open: 0, expired: 1, expiredAmount: reserved });
});
