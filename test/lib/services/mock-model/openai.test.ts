/** The official client is content with the mock model: whole answers, streams, tools, embeddings, errors. */
import OpenAI from 'openai';
import { url } from './client';

const client = (): OpenAI => new OpenAI({ baseURL: `${url()}/v1`, apiKey: 'any', maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'How is the weather in Rome?' }];

test('a whole answer and a stream', async () => {
  const whole = await client().chat.completions.create({ model: 'mock-small?outputTokens=4', messages });
  expect(whole).toMatchObject({ choices: [{ message: { content: 'one two three four' } }], usage: { completion_tokens: 4 } });
  const stream = await client().chat.completions.create({ model: 'mock-small?outputTokens=4', messages, stream: true, stream_options: { include_usage: true } });
  let text = '';
  let usage: unknown;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect([text, usage]).toEqual(['one two three four', whole.usage]);
});

test('a tool is called, streamed too, and its result is answered with text', async () => {
  const model = 'mock-small?toolCall=weather&text={"city":"Rome", "days":3}';
  const called: unknown[] = [];
  const weather = { name: 'weather', description: 'tells it', parameters: {}, parse: JSON.parse, function: (given: unknown): string => { called.push(given); return 'sunny'; } };
  const tools = [{ type: 'function' as const, function: weather }];
  expect(await client().chat.completions.runTools({ model, messages, tools }).finalContent()).toBe('{"city":"Rome", "days":3}');
  expect(await client().chat.completions.runTools({ model, messages, tools, stream: true }).finalContent()).toBe('{"city":"Rome", "days":3}');
  expect(called).toEqual([{ city: 'Rome', days: 3 }, { city: 'Rome', days: 3 }]);
});

test('arguments that nobody ordered are JSON all the same', async () => {
  const { choices } = await client().chat.completions.create({ model: 'mock-small?toolCall=weather&outputTokens=2', messages });
  expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, tool_calls: [{ function: { name: 'weather', arguments: '{"text":"one two"}' } }] } });
});

test('embeddings and the list of models', async () => {
  const { data } = await client().embeddings.create({ model: 'mock-embed', input: ['a', 'b'], dimensions: 8 });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
  expect((await client().models.list()).data.map(({ id }) => id)).toEqual(['mock-small', 'mock-large']);
});

test('errors are those of OpenAI', async () => {
  await expect(client().chat.completions.create({ model: 'mock-small?fault=status=429&retryAfterSeconds=1', messages })).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await expect(client().chat.completions.create({ model: 'mock-small?nonsense=1', messages })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
});
