/** A request's body: refused where the gateway could not rely on it, never quoted, and otherwise passed on as it came. */
import fc from 'fast-check';
import { Refusal } from '../../../lib/gateway/refusal';
import { CallKind, assertSoldAt, bodyForTier, parseBody, wantsUsage, wholeAnswerOf } from '../../../lib/gateway/request-body';

const SECRET = 'my-secret-diagnosis';
const DECLARED = { usdPerMillionTokens: { input: 1, output: 2 }, source: 'a test' };
const TIER = { id: 'small', kind: 'chat' as const, model: 'llama', maxOutputTokens: 500, price: DECLARED };
const messages = [{ role: 'user', content: SECRET }];
const bytes = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
const refusalOf = (body: Buffer, kind: CallKind = 'chat'): Refusal => {
  try {
    parseBody(body, kind);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
};
const nested = (levels: number, open: string, close: string): Buffer =>
  Buffer.from(`{"model":"m","messages":[${JSON.stringify(messages[0])}],"input":"x","metadata":${open.repeat(levels)}1${close.repeat(levels)}}`);

test.each([
  ['no JSON', Buffer.from(`{"model":"m","messages":["${SECRET}"`), 'invalid_json', /JSON/],
  ['a text after it', Buffer.from(`${JSON.stringify({ model: 'm', messages })}${SECRET}`), 'invalid_json', /JSON/],
  ['nothing', Buffer.alloc(0), 'invalid_json', /JSON/],
  ['a list', bytes(messages), 'invalid_json', /object/],
  ['null', bytes(null), 'invalid_json', /object/],
  ['a text', bytes(SECRET), 'invalid_json', /object/],
  ['invalid UTF-8', Buffer.concat([Buffer.from('{"model":"m","messages":["'), Buffer.from([0xff, 0xfe]), Buffer.from('"]}')]), 'invalid_json', /UTF-8/],
  ['half a surrogate in UTF-8', Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]), 'invalid_json', /UTF-8/],
  ['no model', bytes({ messages }), 'invalid_request', /GET \/v1\/models/],
  ['a model of no text', bytes({ model: 7, messages }), 'invalid_request', /model/],
  ['no messages', bytes({ model: SECRET }), 'invalid_request', /messages/],
  ['messages of no list', bytes({ model: 'm', messages: SECRET }), 'invalid_request', /messages/],
  ['an empty list of messages', bytes({ model: 'm', messages: [] }), 'invalid_request', /messages/],
  ['a stream of neither true nor false', bytes({ model: 'm', messages, stream: SECRET }), 'invalid_request', /true or false/],
  ['stream options that are no object', bytes({ model: 'm', messages, stream_options: SECRET }), 'invalid_request', /stream_options/],
  ['audio to be spoken', bytes({ model: 'm', messages, audio: { voice: 'alloy' } }), 'invalid_request', /Audio/],
  ['audio among what is answered', bytes({ model: 'm', messages, modalities: ['text', 'audio'] }), 'invalid_request', /Audio/],
  ['audio in a message', bytes({ model: 'm', messages: [...messages, { role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'input_audio', input_audio: {} }] }] }), 'invalid_request', /part \(1\) whose cost cannot be known/],
  ['a file by its id', bytes({ model: 'm', messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: SECRET } }] }] }), 'invalid_request', /send parts of type text, image_url, refusal/],
  ['a film by its link', bytes({ model: 'm', messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: SECRET } }] }] }), 'invalid_request', /part \(0\)/],
  ['stream options that are a list', bytes({ model: 'm', messages, stream_options: [SECRET] }), 'invalid_request', /stream_options/],
])('%s: refused with 400, and nothing of it is quoted', (_, body, code, message) => {
  const refusal = refusalOf(body);
  expect([refusal.status, refusal.code]).toEqual([400, code]);
  expect(refusal.message).toMatch(message);
  expect(refusal.body()).not.toContain(SECRET);
});

test('an embedding does not come as a stream: it would be billed and lost', () => {
  expect(refusalOf(bytes({ model: 'm', input: 'x', stream: true }), 'embedding')).toMatchObject({ status: 400, code: 'invalid_request' });
});

test.each([['no input', {}], ['an empty text', { input: '' }], ['an empty list', { input: [] }], ['a number', { input: 3 }]])('an embedding of %s is refused', (_, more) => {
  expect(refusalOf(bytes({ model: 'm', ...more }), 'embedding')).toMatchObject({ status: 400, code: 'invalid_request' });
});

test.each([['[', ']'], ['{"a":', '}']])('a body nested too deep in %s is refused, be it by 100,000 levels; what is deep enough for any tool is not', (open, close) => {
  for (const kind of ['chat', 'embedding'] as const) {
    for (const levels of [128, 1_000, 100_000]) expect(refusalOf(nested(levels, open, close), kind)).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(() => JSON.stringify(bodyForTier(parseBody(nested(127, open, close), kind), { ...TIER, kind }))).not.toThrow();
  }
});

test('a long list is not a deep one', () => {
  const body = bytes({ model: 'm', input: Array.from({ length: 2_000 }, () => [1, 2, 3]) });
  expect(parseBody(body, 'embedding').input).toHaveLength(2_000);
});

test('whatever the bytes: a body, or a refusal with 400', () => {
  const garbage = fc.oneof(fc.uint8Array().map(Buffer.from), fc.json().map(text => Buffer.from(text)), fc.jsonValue().map(value => bytes({ model: 'm', messages, ...value as object })));
  fc.assert(fc.property(garbage, fc.constantFrom<CallKind>('chat', 'embedding'), (body, kind) => {
    try {
      const parsed = parseBody(body, kind);
      expect(typeof parsed.model === 'string' && parsed.model !== '').toBe(true);
      expect(['undefined', 'boolean']).toContain(typeof parsed.stream);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect((error as Refusal).status).toBe(400);
    }
  }));
});

test('all else goes to the tier as it came: tools, response_format, images, and what nobody knows yet', () => {
  const body = {
    model: 'gpt-4', stream: true, tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }], tool_choice: 'auto',
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {}, strict: true } },
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }, { type: 'text', text: 'What is it?' }] }],
    stream_options: { include_obfuscation: false }, future_field: [null, { a: 1 }],
  };
  expect(bodyForTier(parseBody(bytes(body), 'chat'), TIER)).toEqual({ ...body, model: 'llama', max_completion_tokens: 500, stream_options: { include_obfuscation: false, include_usage: true } });
});

const OWN = ['model', 'max_completion_tokens', 'stream_options', 'stream', 'max_tokens', 'messages', 'input'];

test('whatever the fields, those that are not the gateway\'s come through untouched and in their order', () => {
  const fields = fc.dictionary(fc.string().filter(name => !OWN.includes(name)), fc.jsonValue({ maxDepth: 5 }), { noNullPrototype: true });
  fc.assert(fc.property(fields, fc.boolean(), (rest, stream) => {
    const sent = JSON.stringify({ model: 'm', messages, stream, ...rest });
    const got = JSON.stringify(bodyForTier(parseBody(Buffer.from(sent), 'chat'), TIER));
    const { max_completion_tokens: bound, stream_options: options, ...others } = JSON.parse(got);
    expect(JSON.stringify(others)).toBe(JSON.stringify({ ...JSON.parse(sent), model: 'llama' }));
    expect(bound).toBe(500);
    expect(options).toEqual(stream ? { include_usage: true } : undefined);
  }));
});

test('a field named __proto__ is a field as any other', () => {
  const body = parseBody(Buffer.from('{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"stream":true}}'), 'chat');
  expect(body.stream).toBeUndefined();
  expect(JSON.stringify(bodyForTier(body, TIER))).toContain('"__proto__":{"stream":true}');
});

test.each([
  ['max_completion_tokens', { max_completion_tokens: 9 }, { max_completion_tokens: 9 }],
  ['max_tokens', { max_tokens: 9 }, { max_tokens: 9 }],
  ['null for one', { max_tokens: null }, { max_tokens: null, max_completion_tokens: 500 }],
  ['null for one and a limit in the other', { max_completion_tokens: null, max_tokens: 9 }, { max_completion_tokens: null, max_tokens: 9 }],
  ['no limit', {}, { max_completion_tokens: 500 }],
])('%s: the output is always bounded', (_, asked, sent) => {
  expect(bodyForTier({ model: 'm', messages, ...asked }, TIER)).toEqual({ model: 'llama', messages, ...sent });
});

test('an embedding is sent on with nothing but the model changed', () => {
  expect(bodyForTier({ model: 'm', input: ['a'], dimensions: 8 }, { ...TIER, kind: 'embedding' })).toEqual({ model: 'llama', input: ['a'], dimensions: 8 });
});

test('usage is always asked for in a stream; only who asked for it wants to see it', () => {
  for (const [options, wants] of [[undefined, false], [null, false], [{}, false], [{ include_usage: false }, false], [{ include_usage: true }, true]] as const) {
    const body = parseBody(bytes({ model: 'm', messages, stream: true, stream_options: options }), 'chat');
    expect(wantsUsage(body)).toBe(wants);
    expect(bodyForTier(body, TIER).stream_options).toMatchObject({ include_usage: true });
  }
});

test('stream: null is as if it were not there, as OpenAI has it', () => {
  expect(parseBody(bytes({ model: 'm', messages, stream: null }), 'chat')).toEqual({ model: 'm', messages });
});

describe('the price of a tier holds for one service tier', () => {
  const listed = (serviceTier: 'standard' | 'flex') => ({ ...TIER, price: { provider: 'openai', model: 'gpt-5', serviceTier } });
  const asked = (service_tier?: unknown) => ({ model: 'm', messages, service_tier });

  test.each([['standard', 'auto'], ['standard', 'default'], ['standard', undefined], ['standard', null], ['flex', 'flex'], ['flex', 'auto']] as const)('%s: %p is served', (sold, wanted) => {
    expect(() => { assertSoldAt(asked(wanted), listed(sold)); }).not.toThrow();
  });

  test.each([['standard', 'flex'], ['standard', 'priority'], ['standard', 7], ['flex', 'priority'], ['flex', 'default']] as const)('%s: %p is refused', (sold, wanted) => {
    expect(() => { assertSoldAt(asked(wanted), listed(sold)); }).toThrow(/service_tier is not what the price of tier small is of: leave it out, or ask for auto/);
  });

  test('what is not standard is asked for; a declared price is of the usual service', () => {
    expect(bodyForTier(asked(), listed('flex')).service_tier).toBe('flex');
    expect(bodyForTier(asked('auto'), listed('standard')).service_tier).toBe('auto');
    expect(() => { assertSoldAt(asked('priority'), TIER); }).toThrow('service_tier is not what the price of tier small is of');
    expect(() => { assertSoldAt(asked('auto'), TIER); }).not.toThrow();
  });
});

test('a tier that takes a priority gets the route\'s, whatever the client asks for', () => {
  const body = { model: 'm', messages: [], priority: -9 };
  expect(bodyForTier(body, TIER, 3).priority).toBe(3);
  expect(bodyForTier(body, TIER).priority).toBe(-9);
});

test('an answer asked for as one document is no stream', () => {
  const prompt = { body: { model: 'm', messages: [], stream: true, stream_options: { include_usage: true } }, bytes: 7 };
  expect(JSON.parse(JSON.stringify(wholeAnswerOf(prompt)))).toEqual({ body: { model: 'm', messages: [] }, bytes: 7 });
  const whole = { body: { model: 'm', messages: [] }, bytes: 7 };
  expect(wholeAnswerOf(whole)).toBe(whole);
});
