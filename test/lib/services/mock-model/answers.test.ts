/** The mock model's good answers, orders and bill, on the wire. */
import * as fc from 'fast-check';
import { ORDERS, ordersHelp, parseOrders } from '../../../../lib/services/mock-model/orders';
import { MESSAGES, chat, eventsOf, ledger, send } from './client';

const DEFAULT_INPUT = Math.ceil(JSON.stringify(MESSAGES).length / 4);
const WITH_USAGE = { stream: true, stream_options: { include_usage: true } };

interface Chunk {
  readonly id: string;
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
  readonly usage?: object;
}
const chunksOf = (text: string): Chunk[] => eventsOf(text).filter(data => data !== '[DONE]').map(data => JSON.parse(data) as Chunk);

test('token counts are to order, and default to the bytes of the messages / 4', async () => {
  const told = async (orders: string, rest?: object): Promise<object> => JSON.parse((await chat(`m?${orders}`, rest)).text).usage;
  expect(await told('')).toMatchObject({ prompt_tokens: DEFAULT_INPUT, completion_tokens: 16, total_tokens: DEFAULT_INPUT + 16 });
  expect(await told('inputTokens=900&cachedTokens=500&cacheWriteTokens=100&outputTokens=70&reasoningTokens=60')).toEqual({
    prompt_tokens: 900, completion_tokens: 70, total_tokens: 970,
    prompt_tokens_details: { cached_tokens: 500, cache_write_tokens: 100 }, completion_tokens_details: { reasoning_tokens: 60 },
  });
  expect(await told('cachedTokens=5000')).toMatchObject({ prompt_tokens: 5000 });
  expect(await told('outputTokens=70', { max_tokens: 9 })).toMatchObject({ completion_tokens: 9 });
  expect(await told('outputTokens=70', { max_tokens: 50, max_completion_tokens: 8 })).toMatchObject({ completion_tokens: 8 });
  expect(await told('usage=none')).toBeUndefined();
});

test('a stream says the same as a whole answer, in as many events as ordered', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }), async (outputTokens, chunks, max_tokens) => {
    const model = `m?outputTokens=${outputTokens}&chunks=${chunks}`;
    const { choices, usage } = JSON.parse((await chat(model, { max_tokens })).text);
    const events = chunksOf((await chat(model, { ...WITH_USAGE, max_tokens })).text);
    expect(events.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('')).toBe(choices[0].message.content);
    expect(events.at(-2)!.choices[0]!.finish_reason).toBe(choices[0].finish_reason);
    expect(choices[0].finish_reason).toBe(max_tokens < outputTokens ? 'length' : 'stop');
    // One event for the role, one for the reason it finished, one for the usage.
    expect(events).toHaveLength(chunks + 3);
    expect(events.at(-1)).toMatchObject({ choices: [], usage });
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  }), { numRuns: 40 });
});

test('usage in a stream only for who asks', async () => {
  expect((await chat('m', { stream: true })).text).not.toContain('usage');
  expect((await chat('m?usage=none', WITH_USAGE)).text).not.toContain('usage');
  expect(eventsOf((await chat('m', WITH_USAGE)).text).at(-1)).toBe('[DONE]');
});

test('text, service tier and name are as ordered', async () => {
  const reply = JSON.parse((await chat('mock-é?text=Zwölf+Äpfel,%20bitte&serviceTier=flex')).text);
  expect(reply).toMatchObject({ model: 'mock-é', service_tier: 'flex', usage: { completion_tokens: 3 }, choices: [{ message: { content: 'Zwölf Äpfel, bitte' } }] });
  expect(JSON.parse((await chat('m?text=one two three', { max_tokens: 2 })).text)).toMatchObject({ choices: [{ message: { content: 'one two' }, finish_reason: 'length' }] });
});

test('delays are kept', async () => {
  const started = performance.now();
  await chat('m?outputTokens=3&delayMs=40&chunkDelayMs=20', { stream: true });
  // Six pieces have five gaps; timers may be a little early by this clock, never by more.
  expect(performance.now() - started).toBeGreaterThan(135);
});

test('embeddings: one unit vector a text, the same for the same text, as numbers or base64', async () => {
  const embed = async (rest: object): Promise<{ data: { embedding: number[] }[]; usage: object }> =>
    JSON.parse((await send('POST', '/v1/embeddings', JSON.stringify({ model: 'mock-embed', ...rest }))).text);
  const { data, usage } = await embed({ input: ['a', 'b', 'a'], dimensions: 32 });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([32, 32, 32]);
  expect(data[0]!.embedding).toEqual(data[2]!.embedding);
  expect(data[0]!.embedding).not.toEqual(data[1]!.embedding);
  expect(data[1]!.embedding.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
  expect(usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
  const base64 = (await embed({ input: 'a', dimensions: 32, encoding_format: 'base64' })).data[0]!.embedding;
  const bytes = Uint8Array.from(Buffer.from(String(base64), 'base64'));
  expect(Array.from(new Float32Array(bytes.buffer))).toEqual(data[0]!.embedding);
  expect((await embed({ input: [1, 2, 3] })).data).toHaveLength(1);
  expect((await ledger()).models['mock-embed']).toMatchObject({ calls: 3, billed: 3, answered: 3, completionTokens: 0 });
});

test('the ledger adds up by name without orders, and by request id where there is one', async () => {
  await chat('m?outputTokens=5&inputTokens=10&cachedTokens=4', {}, { headers: { 'x-request-id': 'r1' } });
  await chat('m?outputTokens=7&inputTokens=10&reasoningTokens=2', WITH_USAGE, { headers: { 'x-request-id': 'r1' } });
  await chat('n?outputTokens=1&inputTokens=1&fault=status=500', {}, { headers: { 'x-request-id': 'r2' } });
  await chat('n?outputTokens=1&inputTokens=1');
  const m = { calls: 2, billed: 2, answered: 2, promptTokens: 20, cachedTokens: 4, cacheWriteTokens: 0, completionTokens: 12, reasoningTokens: 2 };
  const none = { calls: 1, billed: 0, answered: 0, promptTokens: 0, cachedTokens: 0, cacheWriteTokens: 0, completionTokens: 0, reasoningTokens: 0 };
  expect(await ledger('?requests=1')).toEqual({ models: { m, n: { ...none, calls: 2, billed: 1, answered: 1, promptTokens: 1, completionTokens: 1 } }, requests: { r1: m, r2: none } });
  expect(await ledger()).not.toHaveProperty('requests');
  await send('DELETE', '/ledger');
  expect(await ledger('?requests=1')).toEqual({ models: {}, requests: {} });
});

test('a client that leaves within a stream is billed for the whole answer', async () => {
  await chat('m?outputTokens=500&inputTokens=10&chunkDelayMs=5', { stream: true }, { leaveAfterBytes: 1 });
  expect((await ledger()).models.m).toMatchObject({ calls: 1, billed: 1, answered: 0, promptTokens: 10, completionTokens: 500 });
});

test('health, models, and a way out of wrong paths', async () => {
  expect((await send('GET', '/healthz')).text).toBe('{"status":"ok"}');
  expect(JSON.parse((await send('GET', '/v1/models')).text)).toMatchObject({ object: 'list', data: [{ id: 'mock-small' }, { id: 'mock-large' }] });
  expect(await send('POST', '/chat/completions', '{}')).toMatchObject({ status: 404, text: expect.stringContaining('/v1/chat/completions') });
});

test.each([
  ['no JSON', '{"model"', /The body is not JSON/],
  ['no object', '[]', /must be a JSON object with a model/],
  ['no model', '{"messages":[1]}', /must be a JSON object with a model/],
  ['no messages', '{"model":"m","messages":[]}', /needs messages/],
  ['a wrong order', '{"model":"m?outputToken=1","messages":[1]}', /outputToken.{1,3} in the model's name is no order.*Accepted: outputTokens, /],
])('a body with %s is refused with 400 and its remedy', async (_, body, message) => {
  const { status, text } = await send('POST', '/v1/chat/completions', body);
  expect([status, JSON.parse(text)]).toEqual([400, { error: { message: expect.stringMatching(message), type: 'invalid_request_error', param: null, code: 'bad_request' } }]);
});

test('embeddings without input are refused, and with dimensions that no vector has', async () => {
  for (const rest of [{}, { input: [] }, { input: 'a', dimensions: 0 }, { input: 'a', dimensions: 1e9 }]) {
    expect(await send('POST', '/v1/embeddings', JSON.stringify({ model: 'm', ...rest }))).toMatchObject({ status: 400, text: expect.stringContaining('Embeddings need input') });
  }
});

test.each([
  ['m?toString=1', /"toString" .* no order/],
  ['m?outputTokens=-1', /outputTokens=-1 is not accepted: a whole number from 0/],
  ['m?outputTokens=1e3', /outputTokens=1e3 is not accepted/],
  ['m?chunks=0', /chunks=0 is not accepted: a whole number from 1/],
  ['m?delayMs=99999999', /a whole number from 0 to 3600000/],
  ['m?delayMs=1&delayMs=2', /stands twice/],
  ['m?usage=maybe', /none or report/],
  ['m?fault=explode', /Accepted: status=NNN, reset, hang/],
  ['m?fault=status=NNN', /Accepted: status=NNN/],
  ['m?fault=status=302', /Accepted: status=NNN/],
  ['m?faultEvery=3', /give fault too/],
  ['m?fault=reset&retryAfterSeconds=3', /goes with fault=status=NNN only/],
  ['m?inputTokens=5&cachedTokens=4&cacheWriteTokens=2', /is less than cachedTokens=4 and cacheWriteTokens=2/],
  ['m?outputTokens=5&reasoningTokens=6', /is part of outputTokens, which is 5/],
  ['m?text=a&reasoningTokens=1', /has to be given too/],
])('%s is refused', (name, message) => {
  expect(() => parseOrders(name)).toThrow(message);
});

test('the help names every order and every fault', () => {
  for (const order of Object.keys(ORDERS)) expect(ordersHelp()).toMatch(new RegExp(`^ {2}${order} `, 'm'));
  expect(ordersHelp()).toMatch(/^ {2}status=NNN .*\(not billed\)$/m);
});
