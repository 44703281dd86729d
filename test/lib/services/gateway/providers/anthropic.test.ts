import { Endpoint } from '../../../../../lib/services/gateway/upstream/upstream';
import { ask, endpoint, request, stream, tier, timeless } from './asking';
import { ModelServer, json, pieces, sse } from './model-server';

let server: ModelServer;
let claude: Endpoint;

beforeEach(async () => {
  server = await ModelServer.start();
  claude = endpoint(tier('anthropic', 'claude-sonnet-4-5'), { url: `${server.url}/v1` }, 'sk-ant-test');
});
afterEach(async () => {
  await claude.close();
  await server.close();
});

const hi = { messages: [{ role: 'user', content: 'hi' }], max_completion_tokens: 100 };
const streamed = { ...hi, stream: true, stream_options: { include_usage: true } };
const ID = { id: 'msg_01', object: 'chat.completion.chunk', created: 0, model: 'claude-sonnet-4-5-20250929' };
const chunk = (delta: object, finish_reason: string | null = null): object => ({ ...ID, choices: [{ index: 0, delta, finish_reason }] });

const start = (usage: object): { type: string } & Record<string, unknown> =>
  ({ type: 'message_start', message: { id: 'msg_01', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929', content: [], stop_reason: null, stop_sequence: null, usage } });
const begin = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, said: object) => ({ type: 'content_block_delta', index, delta: said });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const end = (stop_reason: string, usage: object) => [{ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage }, { type: 'message_stop' }];

const USAGE = { input_tokens: 12, cache_creation_input_tokens: 300, cache_read_input_tokens: 2000, output_tokens: 40 };
/** The cache's tokens are inside the prompt's, once. */
const TOLD = {
  prompt_tokens: 2312, completion_tokens: 40, total_tokens: 2352,
  prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 300 }, completion_tokens_details: { reasoning_tokens: 0 },
};

test('a whole reply: thinking, text and a tool\'s call, and every token once', async () => {
  server.behaviour = json({
    id: 'msg_01', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929', stop_reason: 'tool_use', stop_sequence: null,
    content: [
      { type: 'thinking', thinking: 'Which city?', signature: 'sig' }, { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
    ],
    usage: { ...USAGE, output_tokens_details: { thinking_tokens: 15 } },
  });
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }, { type: 'function', function: { name: 'now' } }];
  const told = await ask(claude, request({ ...hi, tools, tool_choice: 'auto' }));
  expect(told.head).toEqual({ status: 200, contentType: 'application/json', retryAfterMs: undefined });
  expect(timeless(told.text)).toBe(JSON.stringify({
    id: 'msg_01', object: 'chat.completion', created: 0, model: 'claude-sonnet-4-5-20250929',
    choices: [{
      index: 0,
      message: {
        role: 'assistant', content: 'Let me look.', refusal: null, reasoning_content: 'Which city?',
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }, { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } }],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    }],
    usage: { ...TOLD, completion_tokens_details: { reasoning_tokens: 15 } },
  }));
  expect(told.events).toEqual(['head', 'data', 'end']);
});

test('what Anthropic is sent', async () => {
  server.behaviour = json({}, 500);
  await ask(claude, request({
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] },
      { role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }, { type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] },
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: '42' },
    ],
    tools: [{ type: 'function', function: { name: 'f', description: 'F.', parameters: { type: 'object', properties: { a: { type: 'number' } } } } }], tool_choice: 'required', parallel_tool_calls: false,
    max_completion_tokens: 64, temperature: 0.5, stop: ['END'],
  }));
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]?.path).toBe('/v1/messages');
  expect(server.asked[0]?.headers).toMatchObject({ 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01', 'x-request-id': 'req-1', 'content-type': 'application/json' });
  expect(server.asked[0]?.body).toEqual({
    model: 'claude-sonnet-4-5', max_tokens: 64, temperature: 0.5, stop_sequences: ['END'],
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: [
        { type: 'text', text: 'see' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }, { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } },
      ] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: '42' }] },
    ],
    tools: [{ name: 'f', description: 'F.', input_schema: { type: 'object', properties: { a: { type: 'number' } } } }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  });
});

test('a stream: thinking, text, two tools\' calls, one of them without arguments', async () => {
  server.behaviour = sse([
    start({ ...USAGE, output_tokens: 1 }), { type: 'ping' },
    begin(0, { type: 'thinking', thinking: '', signature: '' }), delta(0, { type: 'thinking_delta', thinking: 'Hm.' }), delta(0, { type: 'signature_delta', signature: 'sig' }), stop(0),
    begin(1, { type: 'text', text: '' }), delta(1, { type: 'text_delta', text: 'Let me ' }), delta(1, { type: 'text_delta', text: 'lo\u00f6k.' }), stop(1),
    begin(2, { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }), delta(2, { type: 'input_json_delta', partial_json: '' }),
    delta(2, { type: 'input_json_delta', partial_json: '{"city":' }), delta(2, { type: 'input_json_delta', partial_json: '"Oslo"}' }), stop(2),
    begin(3, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }), stop(3),
    ...end('tool_use', { output_tokens: 40 }),
  ]);
  const told = await ask(claude, request(streamed));
  expect(told.head).toEqual({ status: 200, contentType: 'text/event-stream', retryAfterMs: undefined });
  expect(timeless(told.text)).toBe(stream(
    chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
    chunk({ content: 'Let me ' }),
    chunk({ content: 'lo\u00f6k.' }),
    chunk({ tool_calls: [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
    chunk({ tool_calls: [{ index: 1, id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
    chunk({}, 'tool_calls'),
    { ...ID, choices: [], usage: TOLD },
  ));
  expect(told.events.filter(event => event !== 'data')).toEqual(['head', 'end']);
});

test.each([['end_turn', 'stop'], ['stop_sequence', 'stop'], ['max_tokens', 'length'], ['refusal', 'content_filter']])('a stream that ends by %s ends by %s', async (reason, told) => {
  server.behaviour = sse([start(USAGE), begin(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'x' }), stop(0), ...end(reason, { output_tokens: 40 })]);
  expect(timeless((await ask(claude, request(streamed))).text)).toBe(stream(chunk({ role: 'assistant', content: 'x' }), chunk({}, told), { ...ID, choices: [], usage: TOLD }));
});

test('an answer of a schema comes as text', async () => {
  server.behaviour = json({ id: 'msg_01', type: 'message', role: 'assistant', model: 'c', content: [{ type: 'text', text: '{"a":1}' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 2 } });
  const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
  const told = await ask(claude, request({ ...hi, response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } }));
  expect(server.asked[0]?.body).toMatchObject({ output_config: { format: { type: 'json_schema', schema } } });
  expect(JSON.parse(told.text)).toMatchObject({ choices: [{ message: { content: '{"a":1}' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
});

describe('errors', () => {
  const error = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'r' });

  test.each([
    [400, 'invalid_request_error', 'invalid_request_error'], [401, 'authentication_error', 'authentication_error'], [404, 'not_found_error', 'invalid_request_error'],
    [413, 'request_too_large', 'invalid_request_error'], [500, 'api_error', 'server_error'], [529, 'overloaded_error', 'server_error'],
  ])('status %i stays, in OpenAI\'s shape, and nothing is tried again', async (status, code, type) => {
    for (const body of [hi, streamed]) {
      server.behaviour = json(error(code, 'Said so.'), status);
      const told = await ask(claude, request(body));
      expect(told.head).toEqual({ status, contentType: 'application/json', retryAfterMs: undefined });
      expect(told.text).toBe(JSON.stringify({ error: { message: 'Said so.', type, param: null, code } }));
      expect(told.events).toEqual(['head', 'data', 'end']);
    }
    expect(server.asked).toHaveLength(2);
  });

  test('when to come back is told on', async () => {
    server.behaviour = json(error('rate_limit_error', 'Slow down.'), 429, { 'retry-after': '7' });
    expect((await ask(claude, request(hi))).head).toEqual({ status: 429, contentType: 'application/json', retryAfterMs: 7000 });
  });

  test('an error that is not in its shape keeps its status', async () => {
    server.behaviour = response => { response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'); };
    const told = await ask(claude, request(hi));
    expect(told.text).toBe('{"error":{"message":"Bad Gateway","type":"server_error","param":null,"code":null}}');
  });

  test('overloaded as the first event of a 200 stream is a status of its own', async () => {
    server.behaviour = sse([error('overloaded_error', 'Overloaded')]);
    const told = await ask(claude, request(streamed));
    expect(told.head?.status).toBe(529);
    expect(told.text).toBe('{"error":{"message":"Overloaded","type":"server_error","param":null,"code":"overloaded_error"}}');
  });

  test('overloaded after the start of a message, but before any of its text, is a status too', async () => {
    server.behaviour = sse([start(USAGE), error('overloaded_error', 'Overloaded')]);
    expect((await ask(claude, request(streamed))).head?.status).toBe(529);
  });

  test('an error after text breaks the stream off', async () => {
    server.behaviour = sse([start(USAGE), begin(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Half' }), error('api_error', 'Internal server error')]);
    const told = await ask(claude, request(streamed));
    expect(told.error).toMatchObject({ stage: 'reply', message: 'Internal server error' });
    expect(timeless(told.text)).toBe(`data: ${JSON.stringify(chunk({ role: 'assistant', content: 'Half' }))}\n\n`);
    expect(told.events).toEqual(['head', 'data', 'error']);
  });

  test.each(['end', 'break'] as const)('a stream cut short by %s does not end well', async how => {
    server.behaviour = sse([start(USAGE), begin(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text: 'Half' })], how);
    const told = await ask(claude, request(streamed));
    expect(told.error?.stage).toBe('reply');
    expect(told.text).not.toContain('[DONE]');
    expect(told.events.at(-1)).toBe('error');
  });

  test('a stream that ends before its text is no answer', async () => {
    server.behaviour = sse([start(USAGE)]);
    expect((await ask(claude, request(streamed))).events).toEqual(['error']);
  });

  test('nothing in an event or an error quotes the prompt or the answer', async () => {
    server.behaviour = pieces('text/event-stream', [`event: message_start\ndata: ${JSON.stringify(start(USAGE))}\n\n`, 'event: content_block_delta\ndata: {"type":"content_block_delta","private":"answer"}\n\n']);
    expect((await ask(claude, request(streamed))).error?.message).toBe('sent what is not in the shape of its API');
    server.behaviour = json({ content: 'private answer' });
    expect((await ask(claude, request(hi))).error).toMatchObject({ stage: 'reply', message: 'sent what is not in the shape of its API' });
  });

  test('a request that cannot be carried is refused before anything is sent', async () => {
    const told = await ask(claude, request({ ...hi, n: 3 }));
    expect(told.head?.status).toBe(400);
    expect(told.text).toBe('{"error":{"message":"n cannot be carried to this model\'s provider: leave it out.","type":"invalid_request_error","param":"n","code":"invalid_request"}}');
    expect(server.asked).toHaveLength(0);
  });

  test('a server that is away was not reached; one that hangs up may have been', async () => {
    server.behaviour = response => { response.destroy(); };
    expect((await ask(claude, request(hi))).error).toMatchObject({ stage: 'reply', message: 'UND_ERR_SOCKET' });
    await server.close();
    for (const body of [hi, streamed]) expect((await ask(claude, request(body))).error).toMatchObject({ stage: 'connect', message: 'ECONNREFUSED' });
    await expect(claude.reachable(1000)).rejects.toMatchObject({ stage: 'connect', message: 'ECONNREFUSED' });
  });
});

describe('the call', () => {
  const long = (texts: number, last?: 'end' | 'hang') => sse([
    start(USAGE), begin(0, { type: 'text', text: '' }), ...Array.from({ length: texts }, (_, i) => delta(0, { type: 'text_delta', text: String(i) })), ...(last === 'hang' ? [] : [stop(0), ...end('end_turn', { output_tokens: 40 })]),
  ], last);

  test('an abort closes the connection and nothing follows it', async () => {
    let gone: () => void;
    const left = new Promise<void>(resolve => { gone = resolve; });
    server.behaviour = response => {
      response.on('close', () => { gone(); });
      long(3, 'hang')(response);
    };
    let seen: readonly string[] = [];
    void ask(claude, request(streamed), (call, told) => {
      call.abort();
      seen = told.events;
    });
    await left;
    expect(seen).toEqual(['head', 'data']);
  });

  test('an abort before the first byte sends nothing', async () => {
    server.behaviour = long(1);
    const events: string[] = [];
    const note = (event: string) => () => { events.push(event); };
    claude.call(request(streamed), { head: note('head'), data: note('data'), end: note('end'), error: note('error') }).abort();
    await ask(claude, request(streamed));
    expect(events).toEqual([]);
    expect(server.asked).toHaveLength(1);
  });

  test('a pause holds the stream until it is resumed', async () => {
    server.behaviour = long(20);
    let pausedAt = 0;
    let whilePaused: number | undefined;
    const told = await ask(claude, request(streamed), (call, so) => {
      if (pausedAt > 0) return;
      pausedAt = so.events.length;
      call.pause();
      call.pause();
      // Long enough for everything that is on its way.
      setTimeout(() => {
        whilePaused = so.events.length - pausedAt;
        call.resume();
      }, 50);
    });
    // What is under way may still come: one part is already read. Undefined: it ended before it was resumed.
    expect([0, 1]).toContain(whilePaused);
    expect(told.text.match(/"content":"\d+"/g)).toHaveLength(20);
    expect(told.events.at(-1)).toBe('end');
  });

  test('connections are used again', async () => {
    server.behaviour = long(3);
    for (let i = 0; i < 6; i++) await ask(claude, request(streamed));
    expect(server.asked).toHaveLength(6);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('it says when it is reachable', async () => {
    await expect(claude.reachable(1000)).resolves.toBeUndefined();
    expect(claude.name).toMatch(/^anthropic 127\.0\.0\.1:\d+$/);
  });
});

test('a redirect is not followed: nobody but the named host gets the prompt and the key', async () => {
  const other = await ModelServer.start();
  server.behaviour = json({}, 307, { location: `${other.url}/v1/messages` });
  try {
    const { head, error } = await ask(claude, request(hi));
    expect([head, error?.stage, error?.message]).toEqual([undefined, 'reply', 'sent what is not in the shape of its API']);
    expect([server.asked.length, other.connections]).toEqual([1, 0]);
  } finally {
    await other.close();
  }
});
