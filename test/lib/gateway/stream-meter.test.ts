/** Streams as providers send them: the usage is found wherever it stands, and the client sees what it asked for. */
import fc from 'fast-check';
import { StreamMeter } from '../../../lib/gateway/stream-meter';

const event = (data: object, spaced = false): Buffer => Buffer.from(`data: ${spaced ? JSON.stringify(data, null, 1).replace(/\n */g, ' ') : JSON.stringify(data)}\n\n`);
const chunk = (delta: object, more: object = {}, finish: string | null = null): object => ({
  id: 'chatcmpl-8', object: 'chat.completion.chunk', created: 1_795_110_000, model: 'm', service_tier: 'default', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...more,
});
const text = (content: string): object => chunk({ content }, { usage: null });
const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15, prompt_tokens_details: { cached_tokens: 4 } };
const TOKENS = { input: 12, cacheRead: 4, cacheWrite: 0, output: 3, reasoning: 0 };
const USAGE_ONLY = { ...chunk({}), choices: [], usage: USAGE };

function metered(events: readonly Buffer[], asked = false): { passed: number[]; meter: StreamMeter } {
  const meter = new StreamMeter(asked);
  return { passed: events.flatMap((e, i) => meter.event(e) === 'pass' ? [i] : []), meter };
}

const OPENAI = [chunk({ role: 'assistant', content: '' }, { usage: null }), text('Hello'), text(' world'), chunk({}, { usage: null }, 'stop'), USAGE_ONLY];

test.each([false, true])('OpenAI: usage in a chunk of its own, which goes to who asked for it (%p)', asked => {
  for (const spaced of [false, true]) {
    const { passed, meter } = metered(OPENAI.map(data => event(data, spaced)), asked);
    expect(passed).toEqual(asked ? [0, 1, 2, 3, 4] : [0, 1, 2, 3]);
    expect(meter.result(99)).toEqual({ tokens: TOKENS, usage: 'provider', serviceTier: 'default' });
  }
});

test.each([
  ['empty choices', { choices: [] }], ['null for choices', { choices: null }], ['no choices', { choices: undefined }],
])('a usage chunk with %s is for nobody who did not ask', (_, choices) => {
  const { passed, meter } = metered([event(text('a')), event({ ...USAGE_ONLY, ...choices })]);
  expect(passed).toEqual([0]);
  expect(meter.result(99)).toMatchObject({ tokens: TOKENS, usage: 'provider' });
});

test('empty choices without usage pass: Azure begins with its filter\'s results', () => {
  const { passed } = metered([event({ choices: [], prompt_filter_results: [], usage: null }), event({ choices: [], prompt_filter_results: [] })]);
  expect(passed).toEqual([0, 1]);
});

test('usage in the chunk that finishes passes with it', () => {
  const { passed, meter } = metered([event(text('a')), event(chunk({ content: '' }, { usage: USAGE }, 'stop'))]);
  expect(passed).toEqual([0, 1]);
  expect(meter.result(99)).toMatchObject({ tokens: TOKENS, usage: 'provider' });
});

test('Groq\'s usage under its own name', () => {
  const { meter } = metered([event(text('a')), event(chunk({}, { x_groq: { id: 'req_1', usage: USAGE } }, 'stop'))]);
  expect(meter.result(99)).toMatchObject({ tokens: TOKENS, usage: 'provider' });
});

test('of several usages the last one that is not null counts', () => {
  const running = (n: number): object => chunk({ content: 'x' }, { usage: { prompt_tokens: 12, completion_tokens: n, total_tokens: 12 + n } });
  const last = { ...USAGE_ONLY, usage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 } };
  const { meter } = metered([event(running(1)), event(running(2)), event(last), event({ ...USAGE_ONLY, usage: null })]);
  expect(meter.result(99)).toMatchObject({ tokens: { output: 7 }, usage: 'provider' });
});

test('a running usage after which the stream broke off is a lower bound, told as an estimate', () => {
  const running = event(chunk({ content: 'x' }, { usage: { prompt_tokens: 12, completion_tokens: 40, total_tokens: 52 } }));
  expect(metered([running, event(text('a')), event(text('b'))]).meter.result(99)).toMatchObject({ tokens: { input: 12, output: 42 }, usage: 'estimated' });
});

test('the usage of a finished choice is whole, whatever follows', () => {
  const { meter } = metered([event(chunk({}, { usage: USAGE }, 'stop')), event(chunk({}))]);
  expect(meter.result(99)).toMatchObject({ tokens: TOKENS, usage: 'provider' });
});

test('a text that speaks of usage is a text', () => {
  const words = ['"usage":{"prompt_tokens":1}', '"choices":[]', '"finish_reason":"stop"', 'usage', '\\"usage\\":{'];
  const { passed, meter } = metered([...words.map(word => event(text(word))), event(chunk({ usage: 'usage' })), event({ ...chunk({ content: 'usage' }), note: 'usage' })]);
  expect(passed).toHaveLength(words.length + 2);
  expect(meter.result(99)).toMatchObject({ usage: 'estimated', tokens: { input: 99 } });
});

test('without a usage, an estimate: the input as estimated, a token per event, more by the bytes', () => {
  const spoken = metered(['I', ' am', ' here', '.'].map(word => event(text(word)))).meter.result(30);
  expect(spoken).toEqual({ tokens: { input: 30, cacheRead: 0, cacheWrite: 0, output: 4, reasoning: 0 }, usage: 'estimated', serviceTier: undefined });
  const long = metered([event(text('.')), event(text('x'.repeat(3001)))]).meter.result(30);
  expect(long.tokens.output).toBe(1000);
});

test('a usage that cannot be read is none', () => {
  const broken = { ...USAGE, completion_tokens: -1 };
  expect(metered([event(text('a')), event({ ...USAGE_ONLY, usage: broken })]).meter.result(30)).toMatchObject({ usage: 'estimated', tokens: { input: 30, output: 1 } });
  expect(metered([event(text('a')), Buffer.from('data: {"choices":[],"usage":{"prompt\n\n')]).meter.result(30)).toMatchObject({ usage: 'estimated', tokens: { input: 30 } });
});

test('nothing was generated where nothing came: comments and [DONE] are no chunks', () => {
  const { passed, meter } = metered([Buffer.from(': OPENROUTER PROCESSING, be patient\n\n'), Buffer.from('data: [DONE]\n\n')]);
  expect(passed).toEqual([0, 1]);
  expect(meter.result(30)).toEqual({ tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 }, usage: 'none', serviceTier: undefined });
});

test('whatever the texts, the usage is the provider\'s and only its own chunk is dropped', () => {
  const content = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"usage":{', '"choices":[]', '{"usage": {"prompt_tokens": 5}}')), { maxLength: 20 });
  fc.assert(fc.property(content, fc.boolean(), fc.boolean(), (texts, spaced, asked) => {
    const events = [...texts.map(t => event(text(t), spaced)), event(USAGE_ONLY, spaced)];
    const { passed, meter } = metered(events, asked);
    expect(passed).toHaveLength(texts.length + (asked ? 1 : 0));
    expect(meter.result(1)).toMatchObject({ tokens: TOKENS, usage: 'provider' });
  }));
});
