import { Server, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { Endpoint, OpenAiBody } from '../../../../../lib/services/gateway/upstream/upstream';
import { endpoint, tier } from './asking';
import { event, eventStream } from './event-stream';
import { ModelServer, json, sse } from './model-server';

/** The official client, the endpoint's bytes between, the provider's API behind. */
let model: ModelServer;
let upstream: Endpoint;
let front: Server;
let client: OpenAI;

async function open(made: (url: string) => Endpoint): Promise<void> {
  upstream = made(model.url);
  front = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as OpenAiBody;
      upstream.call({ id: 'r', path: request.url === '/v1/embeddings' ? '/embeddings' : '/chat/completions', body }, {
        head: ({ status, contentType }) => { response.writeHead(status, { 'content-type': contentType }); },
        data: chunk => { response.write(chunk); },
        end: () => { response.end(); },
        error: () => { response.destroy(); },
      });
    });
  });
  await new Promise<void>(resolve => { front.listen(0, '127.0.0.1', resolve); });
  client = new OpenAI({ baseURL: `http://127.0.0.1:${(front.address() as AddressInfo).port}/v1`, apiKey: 'k', maxRetries: 0 });
}

beforeEach(async () => { model = await ModelServer.start(); });
afterEach(async () => {
  front.closeAllConnections();
  await new Promise<void>(resolve => { front.close(() => { resolve(); }); });
  await upstream.close();
  await model.close();
});

const messages = [{ role: 'user' as const, content: 'What is the weather?' }];
const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

test('Claude\'s stream with a tool\'s call', async () => {
  await open(url => endpoint(tier('anthropic', 'claude-sonnet-4-5'), { url }, 'k'));
  model.behaviour = sse([
    { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: 90 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Looking.' } }, { type: 'content_block_stop', index: 0 },
    { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't1', name: 'weather', input: {} } }, { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"city":"Oslo"}' } },
    { type: 'content_block_stop', index: 1 }, { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } }, { type: 'message_stop' },
  ] as { type: string }[]);
  const run = client.chat.completions.stream({ model: 'm', messages, tools, stream_options: { include_usage: true } });
  const whole = await run.finalChatCompletion();
  expect(whole.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { role: 'assistant', content: 'Looking.', tool_calls: [{ id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }] } });
  expect(whole.usage).toMatchObject({ prompt_tokens: 95, completion_tokens: 9, total_tokens: 104, prompt_tokens_details: { cached_tokens: 90 } });
});

test('Claude\'s whole reply, and its error as the client\'s own kind', async () => {
  await open(url => endpoint(tier('anthropic', 'claude-sonnet-4-5'), { url }, 'k'));
  model.behaviour = json({ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [{ type: 'text', text: 'Rain.' }], stop_reason: 'end_turn', usage: { input_tokens: 5, output_tokens: 2 } });
  expect((await client.chat.completions.create({ model: 'm', messages })).choices[0]?.message.content).toBe('Rain.');
  model.behaviour = json({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } }, 429);
  await expect(client.chat.completions.create({ model: 'm', messages })).rejects.toThrow(OpenAI.RateLimitError);
  await expect(client.chat.completions.create({ model: 'm', messages, n: 2 })).rejects.toMatchObject({ status: 400, param: 'n' });
});

test('Bedrock\'s stream', async () => {
  await open(url => endpoint(tier('bedrock', 'nova'), { url, region: 'us-east-1' }, 'k'));
  model.behaviour = eventStream([
    event('messageStart', { role: 'assistant' }), event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Ra' } }), event('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'in.' } }),
    event('contentBlockStop', { contentBlockIndex: 0 }), event('messageStop', { stopReason: 'end_turn' }), event('metadata', { usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } }),
  ]);
  let text = '';
  let total: number | undefined;
  for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? '';
    total = chunk.usage?.total_tokens ?? total;
  }
  expect([text, total]).toEqual(['Rain.', 5]);
});

test('Bedrock\'s embeddings, in the encoding the client chooses', async () => {
  await open(url => endpoint(tier('bedrock', 'amazon.titan-embed-text-v2:0', 'embedding'), { url, region: 'us-east-1' }, 'k'));
  model.behaviour = json({ embedding: [0.5, -2], inputTextTokenCount: 4 });
  const { data, usage } = await client.embeddings.create({ model: 'm', input: ['a', 'b'] });
  expect(data.map(({ embedding }) => [...embedding])).toEqual([[0.5, -2], [0.5, -2]]);
  expect(usage).toEqual({ prompt_tokens: 8, total_tokens: 8 });
});
