import { Endpoint } from '../../../../../lib/services/gateway/upstream/upstream';
import { ask, endpoint, request, stream, tier, timeless } from './asking';
import { event, eventStream, exception } from './event-stream';
import { ModelServer, json, pieces } from './model-server';

const NOVA = 'us.amazon.nova-pro-v1:0';
let server: ModelServer;
let bedrock: Endpoint;

beforeEach(async () => {
  server = await ModelServer.start();
  bedrock = endpoint(tier('bedrock', NOVA), { url: server.url, region: 'us-east-1' }, 'bedrock-key');
});
afterEach(async () => {
  await bedrock.close();
  await server.close();
});

const hi = { messages: [{ role: 'user', content: 'hi' }], max_completion_tokens: 100 };
const streamed = { ...hi, stream: true };
const ids = { 'x-amzn-requestid': 'aws-1' };
const ID = { id: 'chatcmpl-req-1', object: 'chat.completion.chunk', created: 0, model: NOVA };
const chunk = (delta: object, finish_reason: string | null = null): object => ({ ...ID, choices: [{ index: 0, delta, finish_reason }] });

const USAGE = { inputTokens: 10, outputTokens: 20, totalTokens: 1230, cacheReadInputTokens: 1000, cacheWriteInputTokens: 200 };
/** Bedrock's input tokens leave the cache's out; what is told has them in, once. */
const TOLD = {
  prompt_tokens: 1210, completion_tokens: 20, total_tokens: 1230,
  prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 200 }, completion_tokens_details: { reasoning_tokens: 0 },
};
const text = (index: number, said: string): Buffer => event('contentBlockDelta', { contentBlockIndex: index, delta: { text: said }, p: 'abcd' });
const ending = (stopReason: string): Buffer[] => [event('messageStop', { stopReason }), event('metadata', { usage: USAGE, metrics: { latencyMs: 5 } })];

test('a whole reply, and what Bedrock is sent', async () => {
  server.behaviour = json({
    output: { message: { role: 'assistant', content: [
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 's' } } }, { text: 'Looking.' }, { toolUse: { toolUseId: 'tool-1', name: 'weather', input: { city: 'Oslo' } } },
    ] } },
    stopReason: 'tool_use', usage: USAGE, metrics: { latencyMs: 5 },
  }, 200, ids);
  const told = await ask(bedrock, request({
    messages: [{ role: 'system', content: [{ type: 'text', text: 'Brief.', cache_control: { type: 'ephemeral' } }] }, { role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] }],
    tools: [{ type: 'function', function: { name: 'weather', description: 'W.', parameters: { type: 'object' } } }], tool_choice: { type: 'function', function: { name: 'weather' } },
    max_completion_tokens: 64, temperature: 0.5, top_p: 0.9, stop: 'END',
  }));
  expect(timeless(told.text)).toBe(JSON.stringify({
    id: 'aws-1', object: 'chat.completion', created: 0, model: NOVA,
    choices: [{
      index: 0,
      message: { role: 'assistant', content: 'Looking.', refusal: null, reasoning_content: 'Hm.', tool_calls: [{ id: 'tool-1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }] },
      logprobs: null,
      finish_reason: 'tool_calls',
    }],
    usage: TOLD,
  }));
  expect(server.asked[0]?.path).toBe('/model/us.amazon.nova-pro-v1%3A0/converse');
  expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer bedrock-key', 'x-request-id': 'req-1' });
  expect(server.asked[0]?.body).toEqual({
    system: [{ text: 'Brief.' }, { cachePoint: { type: 'default' } }],
    messages: [{ role: 'user', content: [{ text: 'see' }, { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }] }],
    inferenceConfig: { maxTokens: 64, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    toolConfig: { tools: [{ toolSpec: { name: 'weather', description: 'W.', inputSchema: { json: { type: 'object' } } } }], toolChoice: { tool: { name: 'weather' } } },
  });
});

const FRAMES = [
  event('messageStart', { role: 'assistant' }), event('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm.' } } }), event('contentBlockStop', { contentBlockIndex: 0 }),
  text(1, 'Gr\u00fc\u00df '), text(1, 'Gott'), event('contentBlockStop', { contentBlockIndex: 1 }),
  event('contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 'tool-1', name: 'weather' } } }),
  event('contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"city":' } } }), event('contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '"Oslo"}' } } }), event('contentBlockStop', { contentBlockIndex: 2 }),
  ...ending('tool_use'),
];
const SAID = stream(
  chunk({ role: 'assistant', reasoning_content: 'Hm.' }), chunk({ content: 'Gr\u00fc\u00df ' }), chunk({ content: 'Gott' }),
  chunk({ tool_calls: [{ index: 0, id: 'tool-1', type: 'function', function: { name: 'weather', arguments: '' } }] }), chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }), chunk({}, 'tool_calls'), { ...ID, choices: [], usage: TOLD },
);

test('a stream of Amazon\'s binary events, frame by frame or byte by byte', async () => {
  server.behaviour = eventStream(FRAMES);
  const told = await ask(bedrock, request(streamed));
  expect(told.head).toEqual({ status: 200, contentType: 'text/event-stream', retryAfterMs: undefined });
  expect(timeless(told.text)).toBe(SAID);
  expect(server.asked[0]?.path).toBe('/model/us.amazon.nova-pro-v1%3A0/converse-stream');
  const bytes = Buffer.concat(FRAMES);
  server.behaviour = pieces('application/vnd.amazon.eventstream', Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7)));
  expect(timeless((await ask(bedrock, request(streamed))).text)).toBe(SAID);
});

test.each([['end_turn', 'stop'], ['max_tokens', 'length'], ['guardrail_intervened', 'content_filter'], ['content_filtered', 'content_filter']])('a stream that ends by %s ends by %s', async (reason, told) => {
  server.behaviour = eventStream([event('messageStart', { role: 'assistant' }), text(0, 'x'), ...ending(reason)]);
  expect(timeless((await ask(bedrock, request(streamed))).text)).toBe(stream(chunk({ role: 'assistant', content: 'x' }), chunk({}, told), { ...ID, choices: [], usage: TOLD }));
});

test('usage that never came is not told as 0', async () => {
  server.behaviour = eventStream([event('messageStart', { role: 'assistant' }), text(0, 'x'), event('messageStop', { stopReason: 'end_turn' })]);
  expect(timeless((await ask(bedrock, request(streamed))).text)).toBe(stream(chunk({ role: 'assistant', content: 'x' }), chunk({}, 'stop')));
});

describe('errors', () => {
  test.each([
    [400, 400, 'ValidationException', 'invalid_request_error'], [403, 403, 'AccessDeniedException', 'invalid_request_error'], [429, 429, 'ThrottlingException', 'rate_limit_error'],
    [503, 503, 'ServiceUnavailableException', 'server_error'], [424, 502, 'ModelErrorException', 'server_error'],
  ])('status %i is told as %i with its name', async (status, as, code, type) => {
    for (const body of [hi, streamed]) {
      server.behaviour = json({ message: 'Said so.' }, status, { 'x-amzn-errortype': `${code}:http://internal.amazon.com/coral/` });
      const told = await ask(bedrock, request(body));
      expect(told.head?.status).toBe(as);
      expect(told.text).toBe(JSON.stringify({ error: { message: 'Said so.', type, param: null, code } }));
    }
    expect(server.asked).toHaveLength(2);
  });

  test('an exception in a stream is a status before the text, and breaks it off after it', async () => {
    server.behaviour = eventStream([event('messageStart', { role: 'assistant' }), exception('throttlingException', { message: 'Too many tokens' })]);
    const before = await ask(bedrock, request(streamed));
    expect(before.head?.status).toBe(429);
    expect(before.text).toBe('{"error":{"message":"Too many tokens","type":"rate_limit_error","param":null,"code":"throttlingException"}}');
    server.behaviour = eventStream([event('messageStart', { role: 'assistant' }), text(0, 'Half'), exception('modelStreamErrorException', { message: 'The model failed' })]);
    const after = await ask(bedrock, request(streamed));
    expect(after.error).toMatchObject({ stage: 'reply', message: 'The model failed' });
    expect(after.events).toEqual(['head', 'data', 'error']);
  });

  test.each([['end', FRAMES.slice(0, 5)], ['break', FRAMES.slice(0, 5)], ['end', [Buffer.concat(FRAMES).subarray(0, 500)]]] as const)('a stream cut short by %s does not end well', async (how, frames) => {
    server.behaviour = eventStream(frames, how);
    const told = await ask(bedrock, request(streamed));
    expect(told.error?.stage).toBe('reply');
    expect(told.text).not.toContain('[DONE]');
    expect(told.events.at(-1)).toBe('error');
  });

  test('an image by its address is refused: Bedrock takes bytes only', async () => {
    const told = await ask(bedrock, request({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] }] }));
    expect(told.head?.status).toBe(400);
    expect(JSON.parse(told.text)).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_request' } });
    expect(server.asked).toHaveLength(0);
  });
});

describe('without a key it signs with the credentials of the process', () => {
  const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK', 'AWS_PROFILE'] as const;
  const before = NAMES.map(name => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test('for its region', async () => {
    for (const name of NAMES) delete process.env[name];
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'very-secret', AWS_SESSION_TOKEN: 'token' });
    const signing = endpoint(tier('bedrock', NOVA), { url: server.url, region: 'eu-central-1' });
    server.behaviour = eventStream(FRAMES);
    expect(timeless((await ask(signing, request(streamed))).text)).toBe(SAID);
    await signing.close();
    const { headers } = server.asked[0]!;
    expect(headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDTEST\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$/);
    expect(headers['x-amz-security-token']).toBe('token');
    expect(JSON.stringify(headers)).not.toContain('very-secret');
  });
});
