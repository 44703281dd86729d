/** What goes wrong at a model or at a client: nothing unmetered, nothing half taken for whole, and the next tier where it is still possible. */
import { MESSAGES, Running, asRequest, closeAfter, costs, errorOf, eventsOf, tier, until } from './running';
import { BadUpstream, DONE, delta, endedStream, events } from './upstream/bad-upstream';

/** One tier per model, in order. */
const withModels = (...models: readonly string[]): Promise<Running> => Running.start(model => ({
  tiers: models.map((name, i) => tier(`T${i}`, model(name), { maxOutputTokens: 3_000_000 })), workflows: [{ id: 'DraftNote', tiers: models.map((_, i) => `T${i}`) }],
}));
const billed = (running: Running): Record<string, number[]> =>
  Object.fromEntries(Object.entries(running.mock.bill.document(false).models).map(([name, { promptTokens, completionTokens }]) => [name, [promptTokens, completionTokens]]));

describe('the client leaves', () => {
  test('in the middle of a stream: the rest is read, and what the provider bills is what is recorded', async () => {
    const running = await withModels('mock-small?outputTokens=40&chunkDelayMs=3');
    const reply = await running.chat({ stream: true }, { onData: () => 'leave' });
    expect(reply.text).not.toContain('[DONE]');
    const record = await running.record();
    expect(record).toMatchObject({ outcome: 'client-gone', status: 200, error: null, usage: 'provider', tokens: { output: 40 } });
    expect(billed(running)).toEqual({ 'mock-small': [record.tokens.input, 40] });
  });

  test('with much of the stream unread: what was held back for it is read on', async () => {
    const running = await withModels('mock-small?outputTokens=1000000&chunks=400');
    const { socket } = await running.connection();
    socket.pause();
    socket.write(asRequest(JSON.stringify({ model: 'm', messages: MESSAGES, stream: true, max_completion_tokens: 1_000_000 })));
    await running.heldBack();
    socket.destroy();
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', usage: 'provider', tokens: { output: 1_000_000 } });
  });

  test('while the model still thinks: a whole answer is metered all the same', async () => {
    const running = await withModels('mock-small?outputTokens=7&delayMs=100');
    const leaving = new AbortController();
    const call = running.client().chat.completions.create({ model: 'm', messages: MESSAGES }, { signal: leaving.signal });
    await until(() => running.mock.bill.document(false).models['mock-small']?.calls === 1);
    leaving.abort();
    await expect(call).rejects.toThrow();
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', usage: 'provider', tokens: { output: 7 }, costUsd: expect.stringMatching(/^0\.0/) });
  });

  test('while a model fails: no other tier is paid for nobody', async () => {
    const running = await withModels('mock-small?delayMs=100&fault=not-json', 'mock-large');
    const leaving = new AbortController();
    const call = running.client().chat.completions.create({ model: 'm', messages: MESSAGES }, { signal: leaving.signal });
    await until(() => running.mock.bill.document(false).models['mock-small']?.calls === 1);
    leaving.abort();
    await expect(call).rejects.toThrow();
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', usage: 'none', costUsd: '0', tier: 'T0' });
    expect(billed(running)).toEqual({ 'mock-small': [0, 0] });
  });

  test('in the middle of its own request: recorded, and no model asked', async () => {
    const running = await withModels('mock-small');
    const { socket } = await running.connection();
    socket.write(asRequest(JSON.stringify({ model: 'm', messages: MESSAGES })).slice(0, -20), () => { socket.destroy(); });
    expect(await running.record()).toMatchObject({ outcome: 'client-gone', error: 'invalid_request', tier: null });
    expect(billed(running)).toEqual({});
  });
});

describe('a stream breaks off after its first event: an error, no end that looks like one, and an estimate', () => {
  test.each(['truncate', 'break', 'error-event-later'])('%s', async fault => {
    const running = await withModels(`mock-small?outputTokens=20&fault=${fault}`, 'mock-large');
    const reply = await running.chat({ stream: true });
    const received = eventsOf(reply.text);
    expect(reply.complete).toBe(false);
    expect(received).not.toContain('[DONE]');
    expect(JSON.parse(received.at(-1)!).error).toMatchObject({ code: 'upstream_failed', message: expect.stringMatching(/^The model's reply broke off: /) });
    const record = await running.record();
    expect(record).toMatchObject({ outcome: 'cut-short', status: 200, error: 'upstream_failed', tier: 'T0', usage: 'estimated', runs: 0, revenueUsd: '0' });
    expect(record.tokens.output).toBeGreaterThanOrEqual(received.length - 2);
    expect(record.tokens.input).toBeGreaterThan(0);
    expect(Number(record.costUsd)).toBeGreaterThan(0);
  });

  test('the official client throws, and does not take half an answer for a whole one', async () => {
    const running = await withModels('mock-small?outputTokens=20&fault=truncate');
    await expect((async () => {
      for await (const chunk of await running.client().chat.completions.create({ model: 'm', messages: MESSAGES, stream: true })) expect(chunk.choices).toHaveLength(1);
    })()).rejects.toThrow(/broke off/);
  });

  test('its run begins with the next call, which earns its revenue', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('Small', model('mock-small?outputTokens=20&fault=break&faultEvery=2'))], workflows: [{ id: 'DraftNote', tiers: ['Small'], revenue: { usdPerRun: 0.08 } }],
    }));
    const call = (run: string): Promise<unknown> => running.chat({ stream: true }, { headers: { 'x-workflow-run': run } });
    for (const run of ['a', 'b', 'b', 'a', 'b']) await call(run);
    expect(running.records.map(({ run, outcome, runs, revenueUsd }) => [run, outcome, runs, revenueUsd])).toEqual([
      ['a', 'answered', 1, '0.08'], ['b', 'cut-short', 0, '0'], ['b', 'answered', 1, '0.08'], ['a', 'cut-short', 0, '0'], ['b', 'answered', 0, '0'],
    ]);
  });
});

describe('a model fails before its answer began: the next tier serves', () => {
  test.each(['error-event-first', 'status=500', 'status=429&retryAfterSeconds=60', 'reset', 'empty', 'not-json'])('%s', async fault => {
    for (const stream of [true, false]) {
      const running = await withModels(`mock-small?fault=${fault}`, 'mock-large?outputTokens=4');
      const reply = await running.chat({ stream }, { headers: { 'x-workflow-run': 'r' } });
      expect([reply.status, reply.headers['x-ai-margin-tier']]).toEqual([200, 'T1']);
      expect(reply.text).toContain(stream ? '[DONE]' : 'one two three four');
      const record = await running.record();
      expect(record).toMatchObject({ outcome: 'answered', tier: 'T1', degraded: false, usage: 'provider', tokens: { output: 4 }, runs: 1 });
      expect(record.attempts).toBeGreaterThan(1);
    }
  }, 20_000);

  test('and one that cannot take this request does not make it the client\'s fault: it is to try again; the log has both reasons', async () => {
    const running = await withModels('mock-small?fault=status=503', 'mock-large?fault=status=400');
    const reply = await running.chat();
    expect([reply.status, errorOf(reply).code]).toEqual([503, 'upstream_failed']);
    expect(await running.record()).toMatchObject({ outcome: 'upstream-failed', error: 'upstream_failed' });
    expect(running.log.filter(({ msg }) => msg === 'a tier did not answer').map(({ tier: of, reason }) => [of, reason])).toEqual([
      ['T0', expect.stringContaining('status 503')], ['T1', expect.stringContaining('status 400')],
    ]);
  });

  test('when none is left: 503 that says why, nothing spent, and the run still to begin', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('A', model('mock-small?fault=not-json')), tier('B', model('mock-large?fault=empty&faultEvery=1'))],
      workflows: [{ id: 'DraftNote', tiers: ['A', 'B'], revenue: { usdPerRun: 1 } }], budgets: [{ scope: 'global', period: 'day', usd: 5, onExhausted: 'block' }],
    }));
    const reply = await running.chat({}, { headers: { 'x-workflow-run': 'r' } });
    expect(reply.status).toBe(503);
    expect(errorOf(reply)).toMatchObject({ code: 'upstream_failed', type: 'server_error', message: expect.stringMatching(/^No model of this workflow answered; the last one: .* Try again\.$/) });
    expect(await running.record()).toMatchObject({ outcome: 'upstream-failed', status: 503, error: 'upstream_failed', usage: 'none', costUsd: '0', runs: 0, firstEventMs: null });
    expect(await running.ledger.read([{ name: 'global', period: 'day' }])).toEqual([{ spent: 0, reserved: 0, open: 0, expired: 0, expiredAmount: 0 }]);
    running.gateway.reload(() => running.config(model => ({ tiers: [tier('A', model('mock-small'))], workflows: [{ id: 'DraftNote', tiers: ['A'], revenue: { usdPerRun: 1 } }] })));
    await running.chat({}, { headers: { 'x-workflow-run': 'r' } });
    expect(await running.record(2)).toMatchObject({ outcome: 'answered', runs: 1, revenueUsd: '1' });
  });
});

describe('what a provider says it used', () => {
  test('cached, cache-write and reasoning tokens once each, at their own prices', async () => {
    const price = { usdPerMillionTokens: { input: 10, output: 30, cacheRead: 1, cacheWrite: 20 }, source: 'a test' };
    const running = await Running.start(model => ({
      tiers: [tier('Small', model('mock-small?inputTokens=1000&cachedTokens=600&cacheWriteTokens=100&outputTokens=50&reasoningTokens=30'), { price })],
      workflows: [{ id: 'DraftNote', tiers: ['Small'] }],
    }));
    for (const stream of [true, false]) await running.chat({ stream });
    for (const record of running.records) {
      // 300 at $10, 600 at $1, 100 at $20 and 50 at $30 a million.
      expect(record).toMatchObject({ tokens: { input: 1000, cacheRead: 600, cacheWrite: 100, output: 50, reasoning: 30 }, costUsd: '0.0071' });
    }
  });

  test('nothing at all: an estimate, never $0', async () => {
    const running = await withModels('mock-small?usage=none&outputTokens=10');
    for (const stream of [true, false]) await running.chat({ stream });
    for (const { usage, tokens, costUsd } of running.records) expect([usage, tokens.output >= 10, Number(costUsd) > 0]).toEqual(['estimated', true, true]);
  });

  test('another service tier than the price is of: the cost is unknown, and not $0; its budget is charged what was reserved', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('Small', model('mock-small?serviceTier=flex&outputTokens=4'), { price: { provider: 'openai', model: 'gpt-4o-mini' } })],
      workflows: [{ id: 'DraftNote', tiers: ['Small'] }], budgets: [{ scope: 'global', period: 'month', usd: 5, onExhausted: 'block' }],
    }));
    const whole = await running.chat();
    const stream = await running.chat({ stream: true });
    expect([whole.headers['x-ai-margin-cost-usd'], stream.trailers]).toEqual([undefined, {}]);
    for (const record of running.records) expect(record).toMatchObject({ costUsd: null, unknownCost: expect.stringMatching(/flex.*standard/), usage: 'provider' });
    const [{ spent, open } = { spent: 0, open: 1 }] = await running.ledger.read([{ name: 'global', period: 'month' }]);
    expect([spent > 0, open]).toEqual([true, 0]);
  });

  test('a stream that ends before it said what it used, though it was whole', async () => {
    const upstream = closeAfter(await BadUpstream.start(endedStream(delta('two'), delta(' three'), DONE)));
    const running = await Running.start({ tiers: [tier('Small', { model: 'm', endpoints: [{ url: upstream.url }] }, { price: costs(1, 1) })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] });
    expect((await running.chat({ stream: true })).text).toBe(`${delta('two')}${delta(' three')}${DONE}`);
    expect(await running.record()).toMatchObject({ outcome: 'answered', usage: 'estimated' });
  });
});

test('a stream whose client reads slowly is held back, and comes whole', async () => {
  const running = await withModels('mock-small?outputTokens=1000000&chunks=400');
  const { socket, closed } = await running.connection();
  socket.pause();
  const body = JSON.stringify({ model: 'm', messages: MESSAGES, stream: true, max_completion_tokens: 1_000_000 });
  socket.write(asRequest(body).replace('host: x', 'host: x\r\nconnection: close'));
  await running.heldBack();
  expect(running.records).toEqual([]);
  socket.resume();
  const text = await closed;
  expect(text).toContain('data: [DONE]');
  expect(text.match(/"content":"[^"]*"/g)?.flatMap(content => content.match(/[a-z]+(?=[ "])/g) ?? []).filter(word => word !== 'content')).toHaveLength(1_000_000);
  expect(await running.record()).toMatchObject({ outcome: 'answered', usage: 'provider', tokens: { output: 1_000_000 } });
});

test('an upstream that is silent after its first event is cut off in time', async () => {
  const upstream = closeAfter(await BadUpstream.start(events(delta('one'))));
  const running = await Running.start({
    tiers: [tier('Small', { model: 'm', endpoints: [{ url: upstream.url }] }, { timeouts: { idleSeconds: 0.1 } })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }],
  });
  expect((await running.chat({ stream: true })).text).toContain('no event came for 0.1 s');
  expect(await running.record()).toMatchObject({ outcome: 'cut-short' });
});
