import fc from 'fast-check';
import { BadRequest } from '../../../../../lib/services/gateway/providers/bad-request';
import { fromOpenAi } from '../../../../../lib/services/gateway/providers/from-open-ai';

const hi = [{ role: 'user', content: 'hi' }];
const tool = (name: string) => ({ type: 'function', function: { name, description: 'd', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: true } });

function refusal(body: Record<string, unknown>): string {
  try {
    fromOpenAi(body);
  } catch (error) {
    if (error instanceof BadRequest) return `${error.param} | ${error.message}`;
    throw error;
  }
  return 'taken';
}

test('the settings that have a counterpart are carried under its name', () => {
  expect(fromOpenAi({
    model: 'm', messages: hi, max_completion_tokens: 50, max_tokens: 99, temperature: 0.2, top_p: 0.9, top_k: 5, seed: 7, presence_penalty: 0.1, frequency_penalty: 0.2, stop: 'END',
  })).toEqual({
    prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    maxOutputTokens: 50, temperature: 0.2, topP: 0.9, topK: 5, seed: 7, presencePenalty: 0.1, frequencyPenalty: 0.2, stopSequences: ['END'],
  });
  expect(fromOpenAi({ messages: hi, max_tokens: 9, stop: ['a', 'b'], temperature: null })).toEqual({ prompt: expect.anything(), maxOutputTokens: 9, stopSequences: ['a', 'b'] });
});

test('what system and developer say comes first, wherever it stood', () => {
  const { prompt } = fromOpenAi({ messages: [{ role: 'system', content: 'a' }, ...hi, { role: 'developer', content: [{ type: 'text', text: 'b' }, { type: 'text', text: 'c' }] }] });
  expect(prompt).toEqual([{ role: 'system', content: 'a' }, { role: 'system', content: 'b' }, { role: 'system', content: 'c' }, { role: 'user', content: [{ type: 'text', text: 'hi' }] }]);
});

test('images go along as bytes or as an address; nothing is fetched', () => {
  const image = (url: string) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url, detail: 'low' } }] }] });
  expect(fromOpenAi(image('data:image/PNG;base64,AAAA')).prompt[0]?.content[1]).toEqual({ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } });
  expect(fromOpenAi(image('https://x.test/a.png')).prompt[0]?.content[1]).toEqual({ type: 'file', mediaType: 'image/*', data: { type: 'url', url: new URL('https://x.test/a.png') } });
  for (const url of ['data:image/png,AAAA', 'data:text/html;base64,AAAA', 'file:///etc/passwd', 'http://', '', ',']) {
    expect(refusal(image(url))).toBe('messages.0.content.1.image_url.url | messages.0.content.1.image_url.url must be an http(s) address or data:image/...;base64,...');
  }
});

test('calls of tools and their results keep their ids; a result learns its tool\'s name from the call', () => {
  const messages = [
    ...hi,
    { role: 'assistant', content: null, refusal: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }, { id: 'c2', type: 'function', function: { name: 'time', arguments: '' } }] },
    { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: '12' }, { type: 'text', text: '30' }] },
    { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    { role: 'assistant', content: '' },
  ];
  const { prompt, tools, toolChoice, providerOptions } = fromOpenAi({ messages, tools: [tool('weather'), { type: 'function', function: { name: 'time' } }], tool_choice: 'required', parallel_tool_calls: false });
  expect(prompt.slice(1)).toEqual([
    { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } }, { type: 'tool-call', toolCallId: 'c2', toolName: 'time', input: {} }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c2', toolName: 'time', output: { type: 'text', value: '12\n30' } }] },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'text', value: 'rain' } }] },
  ]);
  expect(tools).toEqual([
    { type: 'function', name: 'weather', description: 'd', strict: true, inputSchema: { type: 'object', properties: { city: { type: 'string' } } } },
    { type: 'function', name: 'time', inputSchema: { type: 'object', properties: {} } },
  ]);
  expect(toolChoice).toEqual({ type: 'required' });
  expect(providerOptions).toEqual({ anthropic: { disableParallelToolUse: true } });
});

test('the choice of a tool: any of the four ways, and none without tools', () => {
  const choice = (tool_choice: unknown) => fromOpenAi({ messages: hi, tools: [tool('a')], tool_choice }).toolChoice;
  expect(choice('auto')).toEqual({ type: 'auto' });
  expect(choice('none')).toEqual({ type: 'none' });
  expect(choice({ type: 'function', function: { name: 'a' } })).toEqual({ type: 'tool', toolName: 'a' });
  expect(choice(null)).toBeUndefined();
  expect(fromOpenAi({ messages: hi, tools: [], tool_choice: 'auto', parallel_tool_calls: false })).toEqual({ prompt: expect.anything() });
  expect(refusal({ messages: hi, tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'b' } } })).toBe('tool_choice | tool_choice names a function that is not among tools.');
});

test('formats: a schema is carried, json_object is asked for in words', () => {
  const schema = { type: 'object', properties: {} };
  expect(fromOpenAi({ messages: hi, response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } } }).responseFormat).toEqual({ type: 'json', name: 'n', schema });
  const object = fromOpenAi({ messages: hi, response_format: { type: 'json_object' } });
  expect(object.responseFormat).toBeUndefined();
  expect(object.prompt[0]).toEqual({ role: 'system', content: 'Respond with one valid JSON object and nothing else: no prose and no code fence.' });
  expect(fromOpenAi({ messages: hi, response_format: { type: 'text' } })).toEqual({ prompt: expect.anything() });
});

test('a part marked for the cache is marked in both providers\' ways', () => {
  const marks = { anthropic: { cacheControl: { type: 'ephemeral' } }, bedrock: { cachePoint: { type: 'default' } } };
  const { prompt } = fromOpenAi({ messages: [{ role: 'system', content: [{ type: 'text', text: 'long', cache_control: { type: 'ephemeral' } }] }, { role: 'user', content: [{ type: 'text', text: 'q', cache_control: { type: 'ephemeral', ttl: '5m' } }] }] });
  expect(prompt).toEqual([{ role: 'system', content: 'long', providerOptions: marks }, { role: 'user', content: [{ type: 'text', text: 'q', providerOptions: marks }] }]);
});

test.each<[string, Record<string, unknown>]>([
  ['messages', {}],
  ['messages', { messages: 'hi' }],
  ['messages', { messages: [] }],
  ['messages.0.role', { messages: [{ role: 'function', name: 'f', content: '' }] }],
  ['messages.0.content', { messages: [{ role: 'user', content: 5 }] }],
  ['messages.0.content', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }],
  ['messages.0.content', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }] }] }],
  ['messages.1.tool_call_id', { messages: [...hi, { role: 'tool', tool_call_id: 'no', content: '' }] }],
  ['messages.0.tool_calls.0.function.arguments', { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"secret' } }] }] }],
  ['messages.0.tool_calls.0.function.arguments', { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '[1]' } }] }] }],
  ['n', { messages: hi, n: 2 }],
  ['logprobs', { messages: hi, logprobs: true }],
  ['top_logprobs', { messages: hi, top_logprobs: 2 }],
  ['logit_bias', { messages: hi, logit_bias: { 50256: -100 } }],
  ['audio', { messages: hi, audio: { voice: 'v' } }],
  ['modalities', { messages: hi, modalities: ['text', 'audio'] }],
  ['functions', { messages: hi, functions: [] }],
  ['web_search_options', { messages: hi, web_search_options: {} }],
  ['guided_json', { messages: hi, guided_json: {} }],
  ['tools.0.type', { messages: hi, tools: [{ type: 'custom', custom: { name: 'c' } }] }],
  ['tool_choice', { messages: hi, tools: [tool('a')], tool_choice: { type: 'allowed_tools' } }],
  ['response_format.type', { messages: hi, response_format: { type: 'grammar' } }],
  ['max_tokens', { messages: hi, max_tokens: 0 }],
  ['stop', { messages: hi, stop: 5 }],
  ['temperature', { messages: hi, temperature: 'hot' }],
])('%s is refused by name', (param, body) => {
  const said = refusal(body);
  expect(said).toMatch(new RegExp(`^${param.replaceAll('.', '\\.')} \\| ${param.replaceAll('.', '\\.')}`));
  expect(said).not.toContain('secret');
});

test('fields that ask for nothing, or change no answer\'s meaning, are let pass', () => {
  const harmless = { n: 1, logprobs: false, top_logprobs: 0, logit_bias: {}, modalities: ['text'], user: 'u', metadata: { a: 'b' }, store: false, stream_options: { include_usage: true }, reasoning_effort: 'high', audio: null };
  expect(fromOpenAi({ messages: hi, ...harmless })).toEqual(fromOpenAi({ messages: hi }));
});

/** Bodies that come close to real ones, so that every branch is met. */
const nearly = fc.letrec(tie => ({
  any: fc.oneof(fc.jsonValue(), fc.constantFrom('text', 'image_url', 'user', 'assistant', 'tool', 'system', 'function', 'data:image/png;base64,A', 'https://[', '{}', '{')),
  part: fc.record({ type: fc.oneof(fc.constantFrom('text', 'image_url', 'refusal'), tie('any')), text: tie('any'), image_url: fc.record({ url: tie('any') }), cache_control: tie('any') }, { requiredKeys: [] }),
  call: fc.record({ id: fc.constantFrom('a', '__proto__', 'b'), type: fc.constant('function'), function: fc.record({ name: fc.string(), arguments: tie('any') }) }, { requiredKeys: [] }),
  message: fc.record({
    role: fc.oneof(fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool'), tie('any')), content: fc.oneof(fc.string(), fc.array(tie('part'), { maxLength: 3 }), tie('any')),
    tool_calls: fc.oneof(fc.array(tie('call'), { maxLength: 2 }), tie('any')), tool_call_id: fc.constantFrom('a', '__proto__', 'b'),
  }, { requiredKeys: ['role'] }),
  body: fc.record({
    messages: fc.oneof(fc.array(tie('message'), { maxLength: 4 }), tie('any')), tools: fc.oneof(fc.array(fc.record({ type: fc.constant('function'), function: fc.record({ name: fc.string(), parameters: tie('any') }) }), { maxLength: 2 }), tie('any')),
    tool_choice: tie('any'), response_format: fc.oneof(tie('any'), fc.record({ type: fc.constantFrom('text', 'json_object', 'json_schema'), json_schema: tie('any') })), max_tokens: tie('any'), stop: tie('any'), temperature: tie('any'),
    logit_bias: tie('any'), n: tie('any'),
  }, { requiredKeys: ['messages'] }),
})).body;

test('whatever JSON comes is carried or refused, and nothing else is thrown', () => {
  const never = (body: Record<string, unknown>): void => {
    try {
      expect(Array.isArray(fromOpenAi(body).prompt)).toBe(true);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
    }
  };
  fc.assert(fc.property(nearly, body => { never(body as Record<string, unknown>); }), { numRuns: 1000 });
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), never));
});
