/** The gateway as its clients see it: the official client with only the base URL and the key swapped, and what is written down of each call. */
import OpenAI from 'openai';
import { KEYS, MESSAGES, Running, closeAfter, costs, errorOf, eventsOf, tier, until } from './running';
import { BadUpstream, json } from './upstream/bad-upstream';

const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'two' } }], usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } };

/** The gateway before an upstream that remembers what it was sent. */
async function beforeWitness(): Promise<{ running: Running; sent: () => Record<string, unknown>; upstream: BadUpstream }> {
  const upstream = closeAfter(await BadUpstream.start(json(200, answer)));
  const running = await Running.start({ tiers: [tier('Small', { model: 'llama', endpoints: [{ url: upstream.url }] })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] });
  return { running, upstream, sent: () => JSON.parse(upstream.received.at(-1)!.body) };
}

describe('chat completions', () => {
  test('a whole answer, with tier, cost and request id, and one record of it', async () => {
    const running = await Running.start();
    const { data, response } = await running.client().chat.completions.create({ model: 'gpt-4o', messages: MESSAGES }).withResponse();
    expect(data).toMatchObject({ choices: [{ message: { content: 'one two three four' } }], usage: { prompt_tokens: 1000, completion_tokens: 4 } });
    const record = running.records[0]!;
    expect(running.records).toHaveLength(1);
    expect(response.headers.get('x-ai-margin-tier')).toBe('Premium');
    expect(response.headers.get('x-ai-margin-cost-usd')).toBe('0.01012');
    expect(response.headers.get('x-request-id')).toBe(record.request);
    expect(record).toMatchObject({
      seq: 1, kind: 'chat', key: 'notes', tenant: 'north', workflow: 'DraftNote', run: null, outcome: 'answered', status: 200, error: null, stream: false,
      tier: 'Premium', model: 'mock-large?inputTokens=1000&outputTokens=4', premium: true, degraded: false, attempts: 1, usage: 'provider',
      tokens: { input: 1000, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0 }, costUsd: '0.01012', unknownCost: null, revenueUsd: '0.04', runs: 0.5,
    });
    expect(record.firstEventMs).toBeLessThanOrEqual(record.latencyMs);
  });

  test('a stream: the same text, the cost as a trailer, the record there before its last byte', async () => {
    const running = await Running.start();
    let text = '';
    for await (const chunk of await running.client().chat.completions.create({ model: 'gpt-4o', messages: MESSAGES, stream: true })) {
      expect(chunk.choices).toHaveLength(1);
      text += chunk.choices[0]!.delta.content ?? '';
    }
    expect(text).toBe('one two three four');
    let recordsAtTheEnd = 0;
    const raw = await running.chat({ stream: true }, { onData: got => { if (got.includes('[DONE]')) recordsAtTheEnd = running.records.length; } });
    expect(recordsAtTheEnd).toBe(2);
    expect(raw.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'x-ai-margin-tier': 'Premium', 'x-request-id': running.records[1]!.request });
    expect(raw.trailers).toEqual({ 'x-ai-margin-cost-usd': '0.01012' });
    expect(await running.record(2)).toMatchObject({ outcome: 'answered', stream: true, usage: 'provider', tokens: { input: 1000, output: 4 }, costUsd: '0.01012' });
  });

  test('the chunk with the usage alone comes to who asked for it, and is metered either way', async () => {
    const running = await Running.start();
    const asked = eventsOf((await running.chat({ stream: true, stream_options: { include_usage: true } })).text);
    const not = eventsOf((await running.chat({ stream: true })).text);
    expect(asked.filter(event => event.includes('"usage"'))).toHaveLength(1);
    expect(JSON.parse(asked.at(-2)!)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
    expect(not.some(event => event.includes('"usage"') || event.includes('"choices":[]'))).toBe(false);
    expect(not).toHaveLength(asked.length - 1);
    expect([asked.at(-1), not.at(-1)]).toEqual(['[DONE]', '[DONE]']);
    expect(running.records.map(({ tokens }) => tokens.output)).toEqual([4, 4]);
  });

  test('a stream that begins with an event of no choices is passed on whole', async () => {
    const running = await Running.start(model => ({ tiers: [tier('Small', model('mock-small?fault=empty-choices-first'))], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] }));
    const events = eventsOf((await running.chat({ stream: true })).text);
    expect(JSON.parse(events[0]!)).toMatchObject({ choices: [], prompt_filter_results: [] });
    expect(await running.record()).toMatchObject({ outcome: 'answered', usage: 'provider' });
  });

  test('HTTP/1.0, as some proxies speak it, gets its stream too, without trailers', async () => {
    const running = await Running.start();
    const text = await running.raw(`POST /v1/chat/completions HTTP/1.0\r\nauthorization: Bearer ${KEYS.NOTES}\r\ncontent-length: 76\r\n\r\n${
      JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: 'Hello' }] }).padEnd(76)}`);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(await running.record()).toMatchObject({ outcome: 'answered', usage: 'provider' });
  });

  test('tools, both ways and streamed too', async () => {
    const running = await Running.start(model => ({
      tiers: [tier('Small', model('mock-small?toolCall=weather&text={"city":"Rome"}'))], workflows: [{ id: 'DraftNote', tiers: ['Small'] }],
    }));
    const called: unknown[] = [];
    const weather = { name: 'weather', description: 'tells it', parameters: {}, parse: JSON.parse, function: (given: unknown): string => { called.push(given); return 'sunny'; } };
    const tools = [{ type: 'function' as const, function: weather }];
    expect(await running.client().chat.completions.runTools({ model: 'any', messages: MESSAGES, tools }).finalContent()).toBe('{"city":"Rome"}');
    expect(await running.client().chat.completions.runTools({ model: 'any', messages: MESSAGES, tools, stream: true }).finalContent()).toBe('{"city":"Rome"}');
    expect(called).toEqual([{ city: 'Rome' }, { city: 'Rome' }]);
    expect(running.records.map(({ outcome, usage }) => [outcome, usage])).toEqual(Array(4).fill(['answered', 'provider']));
  });

  test('response_format, tools, images and fields of tomorrow go to the model as they came, under its own name', async () => {
    const { running, sent, upstream } = await beforeWitness();
    const given = {
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is it?' }, { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] }],
      response_format: { type: 'json_schema' as const, json_schema: { name: 'note', strict: true, schema: { type: 'object', properties: { a: { type: 'string' } } } } },
      tools: [{ type: 'function' as const, function: { name: 'f', parameters: { type: 'object', properties: {} } } }], temperature: 0.2, seed: 7, ...{ future: { deep: [1, null] } },
    };
    await running.client().chat.completions.create({ model: 'gpt-4o', max_tokens: 50, ...given });
    expect(sent()).toEqual({ model: 'llama', max_tokens: 50, ...given });
    expect(upstream.received[0]!.headers['x-request-id']).toBe(running.records[0]!.request);
    expect(upstream.received[0]!.headers.authorization).toBeUndefined();
  });

  test('the model\'s name may choose the tier to begin with; any other leaves it to the workflow', async () => {
    const running = await Running.start();
    const served = async (model: string): Promise<string | null> =>
      (await running.client().chat.completions.create({ model, messages: MESSAGES }).withResponse()).response.headers.get('x-ai-margin-tier');
    expect([await served('Small'), await served('Premium'), await served('claude')]).toEqual(['Small', 'Premium', 'Premium']);
  });
});

describe('the other paths', () => {
  test('embeddings', async () => {
    const running = await Running.start();
    const client = running.client({ headers: { 'x-workflow': 'Search' } });
    const { data, response } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 8 }).withResponse();
    expect(data.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    expect(response.headers.get('x-ai-margin-cost-usd')).toBe('0.000005');
    expect(await running.record()).toMatchObject({ kind: 'embedding', tier: 'Vectors', tokens: { input: 50, output: 0 }, usage: 'provider', revenueUsd: '0' });
    await expect(running.client().embeddings.create({ model: 'x', input: 'a' })).rejects.toThrow(/The workflow DraftNote has no embedding tier: add one/);
  });

  test('of several embedding tiers one has to be named: their vectors do not compare', async () => {
    const running = await Running.start(model => ({
      tiers: ['A', 'B'].map(id => tier(id, model(`mock-${id}`), { kind: 'embedding', price: costs(1, 0) })), workflows: [{ id: 'DraftNote', tiers: ['A', 'B'] }],
    }));
    await expect(running.client().embeddings.create({ model: 'x', input: 'a' })).rejects.toThrow(/several embedding tiers: set model to one of A, B/);
    for (const model of ['B', 'mock-B']) await running.client().embeddings.create({ model, input: 'a' });
    expect(running.records.map(({ tier: by, error }) => [by, error])).toEqual([[null, 'unknown_model'], ['B', null], ['B', null]]);
  });

  test('the list of models is of tiers, for who has a key', async () => {
    const running = await Running.start();
    expect((await running.client().models.list()).data.map(({ id, owned_by }) => [id, owned_by])).toEqual([['Premium', 'openai'], ['Small', 'openai'], ['Vectors', 'openai']]);
    await expect(running.client({ key: 'nobody' }).models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  test('healthz as long as it lives; readyz with the store and one tier', async () => {
    const running = await Running.start();
    expect(await running.send({ method: 'GET', path: '/healthz' })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await running.send({ method: 'GET', path: '/readyz?full' })).toMatchObject({ status: 200, text: '{"status":"ready"}' });
    const nowhere = running.config({ tiers: [tier('Small', { model: 'm', endpoints: [{ url: 'http://127.0.0.1:1/v1' }] })], workflows: [{ id: 'DraftNote', tiers: ['Small'] }] });
    running.gateway.reload(() => nowhere);
    const unready = await running.send({ method: 'GET', path: '/readyz' });
    expect(unready.status).toBe(503);
    expect(JSON.parse(unready.text)).toEqual({ status: 'unready', reasons: [expect.stringMatching(/^no tier: .*127\.0\.0\.1:1\/v1: ECONNREFUSED/)] });
  });
});

describe('workflow and run', () => {
  test('from the headers, else from the key', async () => {
    const running = await Running.start();
    await running.chat({}, { headers: { 'x-workflow': 'Search', 'x-workflow-run': 'run-7' } });
    await running.chat({}, { headers: { 'x-workflow': '' } });
    await running.chat({}, { key: KEYS.BARE, headers: { 'x-workflow': 'Search' } });
    expect(running.records.map(({ key, workflow, run, tier: by }) => [key, workflow, run, by])).toEqual([
      ['notes', 'Search', 'run-7', 'Small'], ['notes', 'DraftNote', null, 'Premium'], ['bare', 'Search', null, 'Small'],
    ]);
  });

  test.each([
    ['an unknown workflow', KEYS.NOTES, { 'x-workflow': 'Draft' }, 'The workflow "Draft" is not known here: send x-workflow with one of DraftNote, Search.'],
    ['no workflow at all', KEYS.BARE, {}, 'This call is for no workflow: send the header x-workflow with one of DraftNote, Search, or give the key a default.'],
    ['a run that is no name', KEYS.NOTES, { 'x-workflow-run': 'run 7' }, 'The header x-workflow-run must be 1 to 200 visible ASCII characters.'],
    ['a run that is too long', KEYS.NOTES, { 'x-workflow-run': 'r'.repeat(201) }, 'The header x-workflow-run must be 1 to 200 visible ASCII characters.'],
  ])('%s: 400 that names the fix', async (_, key, headers, message) => {
    const running = await Running.start();
    const reply = await running.chat({}, { key, headers });
    expect(reply.status).toBe(400);
    expect(errorOf(reply)).toMatchObject({ message, type: 'invalid_request_error' });
    expect(await running.record()).toMatchObject({ outcome: 'refused', status: 400, tier: null, costUsd: '0', revenueUsd: '0', runs: 0, usage: 'none' });
  });
});

describe('errors have OpenAI\'s shape', () => {
  test.each([
    ['an unknown key', { key: 'sk-unknown-key-of-someone' }, 401, 'invalid_api_key', 1],
    ['another path', { path: '/v1/completions', body: '{}' }, 404, 'not_found', 0],
    ['a path that only looks like one', { path: '/v1/chat/completions/', body: '{}' }, 404, 'not_found', 0],
    ['another method', { method: 'GET' }, 405, 'method_not_allowed', 0],
    ['OPTIONS', { method: 'OPTIONS' }, 405, 'method_not_allowed', 0],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' }, body: 'x' }, 415, 'unsupported_encoding', 1],
    ['no JSON', { body: '{"model": patient zero' }, 400, 'invalid_json', 1],
    ['no body', {}, 400, 'invalid_json', 1],
    ['more output than the tier allows', { body: JSON.stringify({ model: 'm', messages: MESSAGES, max_tokens: 5000 }) }, 400, 'invalid_request', 1],
  ])('%s', async (_, sending, status, code, records) => {
    const running = await Running.start();
    const reply = await running.send(sending);
    expect(reply.status).toBe(status);
    expect(errorOf(reply)).toEqual({ message: expect.stringMatching(/.{20}/), type: status === 401 ? 'authentication_error' : 'invalid_request_error', param: null, code });
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(running.records.map(({ outcome, status: as, error, key }) => [outcome, as, error, key])).toEqual(Array(records).fill(['refused', status, code, status === 401 ? null : 'notes']));
    const told = JSON.stringify([reply.text, running.records, running.log]);
    for (const secret of ['sk-unknown', 'patient zero', KEYS.NOTES]) expect(told).not.toContain(secret);
  });

  test('what a method is refused with names the one that is taken; HEAD has no body', async () => {
    const running = await Running.start();
    expect(await running.send({ method: 'HEAD', path: '/v1/models' })).toMatchObject({ status: 405, text: '', headers: { allow: 'GET' } });
    expect(await running.send({ method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test('the official client knows them', async () => {
    const running = await Running.start();
    const create = (options: Parameters<Running['client']>[0]): Promise<unknown> => running.client(options).chat.completions.create({ model: 'm', messages: MESSAGES });
    await expect(create({ key: 'nobody' })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(create({ headers: { 'x-workflow': 'Nothing' } })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('the model\'s own word on a bad request is passed on', async () => {
    const { running, upstream } = await beforeWitness();
    const error = { message: 'Invalid schema for response_format', type: 'invalid_request_error', param: 'response_format', code: 'invalid_schema' };
    upstream.behaviour = json(400, { error });
    const reply = await running.chat();
    expect([reply.status, errorOf(reply)]).toEqual([400, error]);
    expect(await running.record()).toMatchObject({ outcome: 'refused', status: 400, error: 'invalid_request', tier: 'Small', attempts: 1, costUsd: '0' });
  });
});

test('no path to a model goes beside the meter: what the upstream bills is what was recorded', async () => {
  const running = await Running.start();
  const body = JSON.stringify({ model: 'mock-small', messages: MESSAGES, input: 'a' });
  for (const path of ['/v1/completions', '/v1/responses', '/v1/images/generations', '/openai/v1/chat/completions', '/v1/../v1/chat/completions', '//v1/chat/completions', '/V1/chat/completions']) {
    expect((await running.send({ path, body })).status).toBe(404);
  }
  await running.chat();
  const { models } = running.mock.bill.document(false);
  expect(Object.fromEntries(Object.entries(models).map(([name, { calls }]) => [name, calls]))).toEqual({ 'mock-large': 1 });
  expect(running.records).toHaveLength(1);
});

test('the metrics of all that, by workflow and tier and nothing finer', async () => {
  const running = await Running.start();
  await running.chat({}, { headers: { 'x-workflow-run': 'run-of-someone' } });
  await running.gateway.stop(1000);
  await until(() => running.metrics.length > 0);
  const told = JSON.stringify(running.metrics);
  expect(running.metrics.find(line => line.Workflow === 'DraftNote')).toMatchObject({ Gateway: 'test', Calls: 1, Runs: 1, CostUsd: 0.01012, RevenueUsd: 0.08, PremiumCalls: 1, Errors: 0 });
  expect(running.metrics.find(line => line.Tier === 'Premium')).toMatchObject({ InputTokens: 1000, OutputTokens: 4 });
  for (const fine of ['run-of-someone', 'notes', 'north', running.records[0]!.request]) expect(told).not.toContain(fine);
});
