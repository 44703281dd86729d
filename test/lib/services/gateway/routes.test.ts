/** A workflow's route at work: what answers a call, at what cost, and what its client and its record are told of it. */
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { UsageRecord } from '../../../../lib/contracts/usage-record';
import { KEYS, MESSAGES, Reply, Running, closeAfter, costs, errorOf, eventsOf, tier, until } from './running';

type Route = GatewayConfigInput['workflows'][number]['route'];
type Tier = GatewayConfigInput['tiers'][number];

/** A cheap tier before a premium one; their models say so, unless the test has them say something else. */
const routed = (route: Route, { small = 'mock-small?text=a+cheap+answer&inputTokens=1000', premium = 'mock-large?text=a+premium+answer&inputTokens=1000', ...more }: { small?: string; premium?: string; budgets?: GatewayConfigInput['budgets']; limit?: number } = {}): Promise<Running> =>
  Running.start(model => ({
    tiers: [
      tier('Small', model(small), { maxOutputTokens: more.limit }), tier('Premium', model(premium), { premium: true, price: costs(10, 30) }),
      tier('Vectors', model('mock-embed?inputTokens=50'), { kind: 'embedding', price: costs(0.1, 0) }),
    ] satisfies Tier[],
    workflows: [{ id: 'DraftNote', tiers: ['Small', 'Premium', 'Vectors'], revenue: { usdPerRun: 0.08 }, callsPerRun: 2, route }],
    keys: [
      { id: 'notes', tenant: 'north', workflow: 'DraftNote', secret: { env: 'NOTES' } },
      { id: 'south', tenant: 'south', workflow: 'DraftNote', secret: { env: 'SOUTH' } },
      { id: 'bare', tenant: 'north', workflow: 'DraftNote', requestsPerMinute: 3, secret: { env: 'BARE' } },
    ],
    budgets: more.budgets ?? [],
  }));

/** Of all models, as they count them. */
const callsOf = ({ mock }: Running): number => Object.values(mock.bill.document(false).models).reduce((sum, { calls }) => sum + calls, 0);
const contentOf = ({ text }: Reply): string => JSON.parse(text).choices[0].message.content;
const streamed = ({ text }: Reply): string => eventsOf(text).filter(data => data !== '[DONE]').map(data => JSON.parse(data).choices[0]?.delta?.content ?? '').join('');
const ask = (content: string, more: object = {}): object => ({ messages: [{ role: 'user', content }], temperature: 0, ...more });

describe('a rule answers', () => {
  const HOURS: Route = { bypass: [{ kind: 'lookup', id: 'hours', answers: { 'When are you open?': 'From 9 to 5.' } }] };

  test('without a model, at no cost, and is told', async () => {
    const gateway = await routed(HOURS);
    const reply = await gateway.chat(ask('When are  you open?'));
    expect(contentOf(reply)).toBe('From 9 to 5.');
    expect(reply.headers).toMatchObject({ 'x-ai-margin-answered-by': 'bypass hours', 'x-ai-margin-cost-usd': '0' });
    expect(await gateway.record()).toMatchObject({ outcome: 'answered', costUsd: '0', tier: null, attempts: 0, usage: 'none', runs: 0.5, route: { answeredBy: 'bypass', bypass: 'hours' } });
    expect(callsOf(gateway)).toBe(0);
  });

  test('as a stream, where that is asked for', async () => {
    const gateway = await routed(HOURS);
    const reply = await gateway.chat(ask('When are you open?', { stream: true, stream_options: { include_usage: true } }));
    expect(streamed(reply)).toBe('From 9 to 5.');
    expect(eventsOf(reply.text).at(-1)).toBe('[DONE]');
    expect(JSON.parse(eventsOf(reply.text).at(-2)!).usage).toMatchObject({ total_tokens: 0 });
    const client = await gateway.client().chat.completions.create({ model: 'any', stream: true, messages: [{ role: 'user', content: 'When are you open?' }] });
    let text = '';
    for await (const chunk of client) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('From 9 to 5.');
  });

  test('and counts as a request of its key and as the first call of its run', async () => {
    const gateway = await routed(HOURS);
    const sending = { key: KEYS.BARE, headers: { 'x-workflow-run': 'r-1' } };
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await gateway.chat(ask('When are you open?'), sending)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(gateway.records.map(({ runs, revenueUsd }) => [runs, revenueUsd])).toEqual([[1, '0.08'], [0, '0'], [0, '0'], [0, '0']]);
  });

  test('by a function only for who may still ask, and counts once', async () => {
    let asked = 0;
    const stock = createServer((_, response) => {
      asked++;
      response.end('{"content":"In stock."}');
    });
    await new Promise<void>(resolve => { stock.listen(0, '127.0.0.1', resolve); });
    closeAfter({ close: () => new Promise(resolve => { stock.close(resolve); }) });
    const gateway = await routed({ bypass: [{ kind: 'function', id: 'stock', url: `http://127.0.0.1:${(stock.address() as AddressInfo).port}/`, pattern: 'stock' }] });
    const statuses = [];
    for (const question of ['Is it in stock?', 'What is it?', 'Is it in stock?', 'Is it in stock?', 'Is it in stock?']) {
      statuses.push((await gateway.chat(ask(question), { key: KEYS.BARE, headers: { 'x-workflow-run': 'r-1' } })).status);
    }
    expect([statuses, asked]).toEqual([[200, 200, 200, 429, 429], 2]);
    expect(gateway.records.map(({ runs, route }) => [runs, route.answeredBy])).toEqual([[1, 'bypass'], [0, 'model'], [0, 'bypass'], [0, null], [0, null]]);
  });

  test('no other call than the one it is for', async () => {
    const gateway = await routed(HOURS);
    expect(contentOf(await gateway.chat(ask('When do you close?')))).toBe('a cheap answer');
  });
});

describe('the exact cache', () => {
  const CACHED: Route = { cache: { ttlSeconds: 60 } };

  test('gives the very same reply again, at no cost, and says what was saved', async () => {
    const gateway = await routed(CACHED);
    const [first, again] = [await gateway.chat(ask('a')), await gateway.chat(ask('a'))];
    expect(again.text).toBe(first.text);
    expect(again.headers).toMatchObject({ 'x-ai-margin-answered-by': 'cache', 'x-ai-margin-cost-usd': '0' });
    expect(again.headers['x-ai-margin-tier']).toBe('Small');
    const record = await gateway.record(2);
    expect(record).toMatchObject({ costUsd: '0', savedUsd: gateway.records[0]!.costUsd, tier: null, premiumCalls: 0, route: { answeredBy: 'cache', cache: 'hit' } });
    expect(gateway.records[0]!.route).toMatchObject({ answeredBy: 'model', cache: 'miss' });
    expect(callsOf(gateway)).toBe(1);
  });

  test('a stream as a stream, the same events', async () => {
    const gateway = await routed(CACHED, { small: 'mock-small?text=one+two+three+four&chunks=4&inputTokens=1000' });
    const [first, again] = [await gateway.chat(ask('a', { stream: true })), await gateway.chat(ask('a', { stream: true }))];
    expect(streamed(first)).toBe('one two three four');
    expect(again.text).toBe(first.text);
    expect((await gateway.record(2)).route.cache).toBe('hit');
  });

  test('never of another tenant, workflow or parameter', async () => {
    const gateway = await routed(CACHED);
    await gateway.chat(ask('a'));
    await gateway.chat(ask('a'), { key: KEYS.SOUTH });
    await gateway.chat(ask('a', { max_completion_tokens: 50 }));
    await gateway.chat(ask('a', { response_format: { type: 'text' } }));
    expect(gateway.records.map(({ route }) => route.cache)).toEqual(['miss', 'miss', 'miss', 'miss']);
  });

  test.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
    ['a temperature', { temperature: 0.7 }],
    ['no temperature, which is 1', { temperature: undefined }],
  ])('not with %s', async (_, more) => {
    const gateway = await routed(CACHED);
    await gateway.chat(ask('a', more));
    await gateway.chat(ask('a', more));
    expect(gateway.records.map(({ route }) => route.cache)).toEqual(['unsuited', 'unsuited']);
    expect(callsOf(gateway)).toBe(2);
  });

  test('not what was cut at its limit', async () => {
    const gateway = await routed(CACHED, { small: 'mock-small?outputTokens=500&inputTokens=1000' });
    await gateway.chat(ask('a'));
    await gateway.chat(ask('a'));
    expect(gateway.records.map(({ route }) => route.cache)).toEqual(['miss', 'miss']);
  });

  test('one call of many at the same time, of a tenant each', async () => {
    const gateway = await routed(CACHED, { small: 'mock-small?text=yes&delayMs=100&inputTokens=1000' });
    const replies = await Promise.all([KEYS.NOTES, KEYS.SOUTH].flatMap(key => Array.from({ length: 8 }, () => gateway.chat(ask('a'), { key }))));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(callsOf(gateway)).toBe(2);
    const kinds = gateway.records.map(({ route }) => route.cache);
    expect([kinds.filter(kind => kind === 'miss').length, kinds.filter(kind => kind === 'shared').length]).toEqual([2, 14]);
  });

  test('who waits for one that fails goes on alone', async () => {
    const gateway = await routed(CACHED, { small: 'mock-small?text=yes&delayMs=50&fault=status=500&faultEvery=1&inputTokens=1000', premium: 'mock-large?text=late&delayMs=20&inputTokens=1000' });
    const replies = await Promise.all(Array.from({ length: 3 }, () => gateway.chat(ask('a'))));
    expect(replies.map(contentOf)).toEqual(['late', 'late', 'late']);
  });

  test('vectors, too', async () => {
    const gateway = await routed(CACHED);
    const send = (): Promise<Reply> => gateway.send({ path: '/v1/embeddings', body: JSON.stringify({ model: 'any', input: 'a text' }) });
    const [first, again] = [await send(), await send()];
    expect(again.text).toBe(first.text);
    expect(gateway.records.map(({ route, costUsd }) => [route.cache, costUsd === '0'])).toEqual([['miss', false], ['hit', true]]);
  });
});

describe('checks', () => {
  const CHECKED: Route = { checks: [{ kind: 'regex', pattern: 'premium' }] };

  test('an answer that fails is asked for again of the premium tier, and both are paid', async () => {
    const gateway = await routed(CHECKED);
    const reply = await gateway.chat();
    expect(contentOf(reply)).toBe('a premium answer');
    expect(reply.headers).toMatchObject({ 'x-ai-margin-tier': 'Premium', 'x-ai-margin-escalated': 'Small to Premium' });
    expect(reply.headers['x-ai-margin-failed-checks']).toBeUndefined();
    const record = await gateway.record();
    expect(record).toMatchObject({
      tier: 'Premium', premium: true, premiumCalls: 1, attempts: 2, route: { escalation: 'made', failedChecks: [] },
      otherAnswer: { tier: 'Small', failedChecks: ['regex'], usage: 'provider', tokens: { input: 1000, output: 3 }, costUsd: '0.001006' },
    });
    expect(gateway.log.find(({ msg }) => msg === 'an answer fails a check')).toMatchObject({ request: record.request, tier: 'Small', failed: [expect.stringMatching(/^regex: /)] });
    // 1,000 in and 3 out at $1 and $2 a million, then at $10 and $30.
    expect([record.costUsd, reply.headers['x-ai-margin-cost-usd']]).toEqual(['0.011096', '0.011096']);
  });

  test('one that passes is not', async () => {
    const gateway = await routed(CHECKED, { small: 'mock-small?text=as+good+as+premium&inputTokens=1000' });
    const reply = await gateway.chat();
    expect([contentOf(reply), reply.headers['x-ai-margin-escalated']]).toEqual(['as good as premium', undefined]);
    expect(await gateway.record()).toMatchObject({ premiumCalls: 0, otherAnswer: null, route: { escalation: 'not-needed', failedChecks: [] } });
  });

  test('a stream is held until it is found good, and then comes as one', async () => {
    const gateway = await routed(CHECKED);
    const reply = await gateway.chat({ stream: true });
    expect([streamed(reply), reply.headers['content-type']]).toEqual(['a premium answer', 'text/event-stream; charset=utf-8']);
    expect(await gateway.record()).toMatchObject({ stream: true, route: { escalation: 'made' } });
  });

  test('what neither does well is given and marked; and never kept', async () => {
    const gateway = await routed({ checks: [{ kind: 'regex', pattern: 'excellent' }], cache: { ttlSeconds: 60 } });
    const reply = await gateway.chat(ask('a'));
    expect([contentOf(reply), reply.headers['x-ai-margin-failed-checks']]).toEqual(['a premium answer', 'regex']);
    await gateway.chat(ask('a'));
    expect(gateway.records.map(({ route }) => [route.failedChecks, route.cache])).toEqual([[['regex'], 'miss'], [['regex'], 'miss']]);
  });

  test('the cheap one is given where it fails fewer', async () => {
    const gateway = await routed({ checks: [{ kind: 'regex', pattern: 'excellent' }, { kind: 'regex', pattern: 'cheap' }, { kind: 'length', max: 14 }] });
    const reply = await gateway.chat();
    expect(contentOf(reply)).toBe('a cheap answer');
    expect(reply.headers).toMatchObject({ 'x-ai-margin-tier': 'Small', 'x-ai-margin-escalated': 'Small to Premium', 'x-ai-margin-failed-checks': 'regex' });
    expect(await gateway.record()).toMatchObject({ tier: 'Small', premiumCalls: 1, otherAnswer: { tier: 'Premium', failedChecks: ['regex', 'length'] } });
  });

  test('a class whose gain nobody knows is escalated', async () => {
    const gateway = await routed({ ...CHECKED, classes: [{ id: 'triage' }] });
    expect(contentOf(await gateway.chat({}, { headers: { 'x-task-class': 'triage' } }))).toBe('a premium answer');
  });

  test.each([
    ['no-gain', { classes: [{ id: 'chat', gain: 0 }], checks: CHECKED.checks }, { headers: { 'x-task-class': 'chat' } }, {}],
    ['failed', CHECKED, {}, { premium: 'mock-large?fault=status=400' }],
    ['budget', CHECKED, {}, { budgets: [{ scope: 'global', period: 'day', usd: 0.003, onExhausted: 'block' }] }],
  ] as const)('no escalation: %s', async (why, route, sending, more) => {
    const gateway = await routed(route as Route, { ...more, budgets: 'budgets' in more ? [...more.budgets] : [] });
    const reply = await gateway.chat({}, sending);
    expect([reply.status, contentOf(reply), reply.headers['x-ai-margin-failed-checks']]).toEqual([200, 'a cheap answer', 'regex']);
    expect(await gateway.record()).toMatchObject({ route: { escalation: why, failedChecks: ['regex'] }, otherAnswer: null });
  });
});

describe('the premium share', () => {
  const SHARED: Route = { maxPremiumSharePercent: 25, classes: [{ id: 'hard', gain: 0.5 }, { id: 'easy', gain: 0, patterns: ['^easy'] }, { id: 'vip', tier: 'Premium' }] };

  test('is never passed, whoever asks for the premium tier and how many at once', async () => {
    const gateway = await routed({ ...SHARED, checks: [{ kind: 'regex', pattern: 'premium' }] });
    const calls = [{ model: 'Premium' }, {}, { stream: true }];
    const headers = [{ 'x-task-class': 'hard' }, { 'x-task-class': 'vip' }, {}];
    const replies = await Promise.all(Array.from({ length: 200 }, (_, i) => gateway.chat(calls[i % 3], { headers: headers[i % 2] as Record<string, string> })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const premium = gateway.records.reduce((sum, { premiumCalls }) => sum + premiumCalls, 0);
    expect(premium).toBe(50);
    expect(callsOf(gateway)).toBe(200 + gateway.records.filter(({ otherAnswer }) => otherAnswer !== null).length);
  });

  test('what the cheap tier cannot take goes to the premium one, where there is room, and is never the client\'s fault', async () => {
    const gateway = await routed({ ...SHARED, maxPremiumSharePercent: 50, tokenLimits: {} }, { limit: 50 });
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) await gateway.chat(ask('easy: what is 1 + 1?', { max_completion_tokens: 20 }));
      const { status, headers } = await gateway.chat(ask('easy: what is 1 + 1?', { max_completion_tokens: 60 }));
      statuses.push(`${status} ${String(headers['x-ai-margin-tier'])}`);
    }
    expect(statuses).toEqual(['200 Premium', '200 Premium', '200 Premium']);
    const named = await gateway.chat({ model: 'Small', max_completion_tokens: 60 });
    expect([named.status, errorOf(named).message]).toEqual([400, expect.stringContaining('more than the 50 that tier Small allows')]);
  });

  test.each([
    ['named', { model: 'Small' }, {}],
    ['no-gain', ask('easy: what is 1 + 1?'), {}],
    ['share-full', {}, { 'x-task-class': 'vip' }],
  ])('says why a call begins where it does: %s', async (choice, body, headers) => {
    const gateway = await routed(SHARED);
    const reply = await gateway.chat(body, { headers });
    expect(contentOf(reply)).toBe('a cheap answer');
    expect((await gateway.record()).route.choice).toBe(choice);
  });

  test('holds when the cheap tier fails: the call that finds no room is refused with the reason', async () => {
    const gateway = await routed(SHARED, { small: 'mock-small?fault=status=400' });
    expect((await gateway.chat()).status).toBe(400);
    const down = await routed(SHARED, { small: 'mock-small?fault=status=500' });
    const statuses = [];
    const told = [];
    for (let i = 0; i < 8; i++) {
      const reply = await down.chat();
      statuses.push(reply.status);
      if (reply.status === 503) told.push(errorOf(reply).message);
    }
    expect(statuses.filter(status => status === 200)).toHaveLength(2);
    expect(told[0]).toContain('raise maxPremiumSharePercent');
    expect(down.records.find(({ status }) => status === 503)).toMatchObject({ error: 'upstream_failed', premiumCalls: 0 });
  }, 20_000);

  test('an unknown class is refused with those there are', async () => {
    const gateway = await routed(SHARED);
    const reply = await gateway.chat({}, { headers: { 'x-task-class': 'harder' } });
    expect([reply.status, JSON.parse(reply.text).error.message]).toEqual([400, expect.stringContaining('hard, easy, vip')]);
  });
});

test('a budget of the premium tier alone: who has spent it is served by the cheaper one', async () => {
  const gateway = await routed({}, { budgets: [{ scope: 'tenant', period: 'month', usd: 0.02, onExhausted: 'degrade', tiers: ['Premium'] }] });
  const calls = async (key: string, count: number): Promise<(string | undefined)[]> => {
    const tiers = [];
    for (let i = 0; i < count; i++) {
      const { headers } = await gateway.chat({ model: 'Premium' }, { key });
      tiers.push(`${String(headers['x-ai-margin-tier'])} ${String(headers['x-ai-margin-degraded'])}`);
    }
    return tiers;
  };
  expect(await calls(KEYS.NOTES, 4)).toEqual(['Premium undefined', 'Premium undefined', 'Small budget', 'Small budget']);
  // Another tenant has spent nothing yet; and the cheap tier goes on after the budget is far behind.
  expect(await calls(KEYS.SOUTH, 1)).toEqual(['Premium undefined']);
  expect(gateway.records.map(({ degraded }) => degraded)).toEqual([false, false, true, true, false]);
});

test.each(['escalation', 'shadow'] as const)('a budget that degrades ends an %s, and marks no answer as degraded', async what => {
  const gateway = await routed(what === 'shadow' ? { shadowPercent: 100 } : { checks: [{ kind: 'regex', pattern: 'premium' }] },
    { budgets: [{ scope: 'tenant', period: 'month', usd: 0.001, onExhausted: 'degrade' }] });
  expect((await gateway.chat()).status).toBe(200);
  await gateway.chat();
  await gateway.gateway.stop(1000);
  expect(gateway.records.map(({ premiumCalls }) => premiumCalls)).toEqual(gateway.records.map(() => 0));
  const calls = gateway.records.filter(({ shadowOf }) => shadowOf === null);
  expect(calls.map(({ degraded, tier: served }) => [degraded, served])).toEqual([[false, 'Small'], [false, 'Small']]);
  if (what === 'escalation') expect(calls.map(({ route }) => route.escalation)).toEqual(['budget', 'budget']);
  else expect(gateway.records.filter(({ shadowOf }) => shadowOf !== null).map(({ error }) => error)).toEqual(['budget_exhausted', 'budget_exhausted']);
});

describe('a shadow', () => {
  const records = async (gateway: Running): Promise<[UsageRecord, UsageRecord]> => {
    await until(() => gateway.records.length === 2);
    return [gateway.records[0]!, gateway.records[1]!];
  };

  test('is asked of the other tier after the answer, recorded on its own, and counted as premium', async () => {
    const gateway = await routed({ shadowPercent: 100, checks: [{ kind: 'regex', pattern: 'cheap' }] });
    expect(streamed(await gateway.chat({ stream: true }, { headers: { 'x-workflow-run': 'r-1' } }))).toBe('a cheap answer');
    const [call, shadow] = await records(gateway);
    expect(call).toMatchObject({ tier: 'Small', shadowOf: null, premiumCalls: 0, runs: 1, route: { failedChecks: [] } });
    expect(shadow).toMatchObject({
      tier: 'Premium', shadowOf: call.request, premiumCalls: 1, runs: 0, revenueUsd: '0', costUsd: '0.01009', outcome: 'answered', route: { failedChecks: ['regex'] },
    });
    await gateway.gateway.stop(1000);
    const line = gateway.metrics.find(each => 'PremiumCalls' in each);
    expect(line).toMatchObject({ Calls: 1, PremiumCalls: 1, Runs: 1 });
    expect(line!.CostUsd).toBeCloseTo(0.001006 + 0.01009, 9);
  });

  test('is left out where the premium share has no room, and by default', async () => {
    const gateway = await routed({ shadowPercent: 100, maxPremiumSharePercent: 0 });
    await gateway.chat();
    const none = await routed({});
    await none.chat({ messages: MESSAGES });
    await Promise.all([gateway, none].map(each => each.gateway.stop(1000)));
    expect([gateway, none].map(each => each.records.length)).toEqual([1, 1]);
  });

  test('not of an escalated call, which has asked both', async () => {
    const gateway = await routed({ shadowPercent: 100, checks: [{ kind: 'regex', pattern: 'premium' }] });
    await gateway.chat();
    await gateway.gateway.stop(1000);
    expect(gateway.records.map(({ route, shadowOf }) => [route.escalation, shadowOf])).toEqual([['made', null]]);
  });

  test('that fails is recorded, too', async () => {
    const gateway = await routed({ shadowPercent: 100 }, { premium: 'mock-large?fault=status=400' });
    await gateway.chat();
    const [, shadow] = await records(gateway);
    expect(shadow).toMatchObject({ tier: 'Premium', outcome: 'refused', error: 'invalid_request', costUsd: '0', premiumCalls: 0 });
  });
});
