/** What is reserved for a call: nearly always enough, and not many times too much. */
import fc from 'fast-check';
import { TokenCalibration, estimateTokens, outputBound } from '../../../lib/gateway/estimate';
import { Refusal } from '../../../lib/gateway/refusal';

const chat = (content: unknown, more: object = {}): { bytes: number; body: Record<string, unknown> } => {
  const body = { model: 'm', messages: [{ role: 'user', content }], ...more };
  return { bytes: Buffer.byteLength(JSON.stringify(body)), body };
};
const estimated = ({ bytes, body }: { bytes: number; body: Record<string, unknown> }, calibration = new TokenCalibration()): number => estimateTokens(bytes, body, calibration);

/** A generator of its own, so that the traffic is the same in each run. */
function traffic(seed: number): { uniform(): number; normal(): number } {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** Bytes per token of a call's body: mean and standard deviation of each kind of call, equally frequent. */
const TRAFFIC: readonly [string, readonly (readonly [mean: number, deviation: number])[]][] = [
  ['English prose', [[4.5, 0.35]]], ['tool calls in JSON', [[3.1, 0.3]]], ['Chinese in UTF-8', [[2.7, 0.25]]], ['Chinese as escapes', [[5.5, 0.5]]],
  ['prose and JSON', [[4.5, 0.35], [3, 0.3]]], ['prose, JSON, code and digits', [[4.5, 0.35], [3.1, 0.3], [3.6, 0.4], [2.2, 0.2]]],
];

test.each(TRAFFIC)('%s: at most 1 of 100 calls has more input than reserved, and what is reserved is at most twice the input', (_, kinds) => {
  const random = traffic(7);
  const calibration = new TokenCalibration();
  const calls = 20_000;
  let [short, reserved, used] = [0, 0, 0];
  for (let i = 0; i < calls; i++) {
    const [mean, deviation] = kinds[Math.floor(random.uniform() * kinds.length)]!;
    const bytes = Math.round(200 + 20_000 * random.uniform() ** 2);
    const tokens = Math.ceil(bytes / Math.max(mean + deviation * random.normal(), 1.2));
    const estimate = estimateTokens(bytes, { messages: [] }, calibration);
    if (tokens > estimate) short++;
    reserved += estimate;
    used += tokens;
    calibration.observe(bytes, tokens);
  }
  expect(short / calls).toBeLessThan(0.01);
  expect(reserved / used).toBeLessThan(2);
});

test('a call before anything is learnt has enough for prose, JSON and code', () => {
  for (const bytesPerToken of [4.5, 3.6, 3.1]) {
    for (const bytes of [100, 1000, 100_000]) expect(estimateTokens(bytes, { messages: [] }, new TokenCalibration())).toBeGreaterThan(bytes / bytesPerToken);
  }
});

test('whatever is observed, bytes per token stay from 1.5 to 6, and more bytes never count less', () => {
  const calls = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(100_000)));
  fc.assert(fc.property(calls, fc.nat(100_000), fc.nat(100_000), (observed, bytes, more) => {
    const calibration = new TokenCalibration();
    for (const [b, tokens] of observed) calibration.observe(b, tokens);
    expect(calibration.bytesPerToken).toBeGreaterThanOrEqual(1.5);
    expect(calibration.bytesPerToken).toBeLessThanOrEqual(6);
    expect(estimateTokens(bytes + more, {}, calibration)).toBeGreaterThanOrEqual(estimateTokens(bytes, {}, calibration));
  }));
});

test('calls that were no text, or hardly any, teach nothing', () => {
  const calibration = new TokenCalibration();
  for (let i = 0; i < 100; i++) {
    calibration.observe(2_000_000, 1500); // An image in base64.
    calibration.observe(300, 1500); // An image as a link.
    calibration.observe(90, 20); // A greeting.
    calibration.observe(90, 0);
  }
  expect(calibration.bytesPerToken).toBe(3);
});

test('an image counts the same whatever its bytes, as base64 or as a link', () => {
  const image = (url: string): object => ({ type: 'image_url', image_url: { url, detail: 'high' } });
  const none = estimated(chat([{ type: 'text', text: 'What is this?' }]));
  const one = estimated(chat([{ type: 'text', text: 'What is this?' }, image(`data:image/png;base64,${'A'.repeat(2_000_000)}`)]));
  expect(one - none).toBeGreaterThanOrEqual(5000);
  expect(one - none).toBeLessThan(5100);
  expect(estimated(chat([{ type: 'text', text: 'What is this?' }, image('https://example.com/a.png')])) - one).toBeLessThan(20);
  expect(estimated(chat([image('https://example.com/a.png'), image('https://example.com/b.png')]))).toBeGreaterThanOrEqual(10_000);
});

test('tools, schemas, audio and files count as text', () => {
  const plain = estimated(chat('Hi'));
  expect(estimated(chat('Hi', { tools: [{ type: 'function', function: { name: 'f', description: 'x'.repeat(3000) } }] })) - plain).toBeGreaterThan(1000 + 350);
  expect(estimated(chat('Hi', { response_format: { type: 'json_schema', json_schema: { name: 'x'.repeat(3000) } } })) - plain).toBeGreaterThan(1000);
  expect(estimated(chat([{ type: 'input_audio', input_audio: { data: 'A'.repeat(3000), format: 'wav' } }])) - plain).toBeGreaterThan(1000);
});

test('an embedding of token ids has at least these', () => {
  const ids = Array.from({ length: 3000 }, () => 7);
  for (const input of [ids, [ids.slice(0, 1000), ids.slice(1000)]]) {
    const calibration = new TokenCalibration();
    for (let i = 0; i < 200; i++) calibration.observe(6000, 1000);
    expect(estimateTokens(Buffer.byteLength(JSON.stringify({ input })), { input }, calibration)).toBeGreaterThanOrEqual(3000);
  }
});

test('whatever the body, an estimate is a whole number', () => {
  const part = fc.oneof(fc.anything(), fc.record({ image_url: fc.anything() }), fc.record({ image_url: fc.record({ url: fc.anything() }) }));
  const messages = fc.array(fc.record({ content: fc.oneof(fc.anything(), fc.array(part)) }));
  const body = fc.record({ messages: fc.oneof(fc.anything(), messages), tools: fc.anything(), input: fc.anything() }, { requiredKeys: [] });
  fc.assert(fc.property(fc.nat(), body, (bytes, b) => {
    const tokens = estimateTokens(bytes, b, new TokenCalibration());
    expect(Number.isSafeInteger(tokens) && tokens > 0).toBe(true);
  }));
});

describe('output', () => {
  const TIER = { id: 'Small', maxOutputTokens: 4096 };

  test.each([
    [{}, 4096], [{ max_tokens: 100 }, 100], [{ max_completion_tokens: 200 }, 200], [{ max_tokens: null, n: null }, 4096], [{ max_tokens: 4096 }, 4096],
    [{ max_tokens: 100, n: 3 }, 300], [{ n: 2 }, 8192], [{ max_completion_tokens: 50, max_tokens: 100 }, 100],
  ])('%p: at most %p tokens', (body, tokens) => {
    expect(outputBound(body, TIER)).toBe(tokens);
  });

  test.each([
    [{ max_tokens: 4097 }, 'max_tokens is 4097, more than the 4096 that tier Small allows: ask for less, or raise its maxOutputTokens or the route\'s tokenLimits.maxOutput.'],
    [{ max_completion_tokens: 9000, max_tokens: 10 }, 'max_completion_tokens is 9000, more than the 4096 that tier Small allows'],
    [{ max_tokens: 0 }, 'max_tokens is 0: a whole number from 1 is accepted.'], [{ max_tokens: 1.5 }, 'max_tokens is 1.5'],
    [{ max_tokens: '100' }, 'max_tokens is "100"'], [{ max_tokens: {} }, 'max_tokens is of type object'],
    [{ n: 0 }, 'n is 0: a whole number from 1 to 128 is accepted.'], [{ n: 129 }, 'n is 129'], [{ n: true }, 'n is of type boolean'],
  ])('%p is refused', (body, message) => {
    expect(() => outputBound(body, TIER)).toThrow(Refusal);
    expect(() => outputBound(body, TIER)).toThrow(message);
  });
});
