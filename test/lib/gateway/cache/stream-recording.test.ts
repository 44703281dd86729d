/** A stream's end as the recording sees it is what parsing each of its events would find. */
import fc from 'fast-check';
import { MAX_KEPT_BYTES, answerCacheable } from '../../../../lib/gateway/cache/cacheable';
import { StreamRecording } from '../../../../lib/gateway/cache/stream-recording';
import { completionEvents } from '../../../../lib/gateway/completion';

const body = { temperature: 0 };
const chunk = (delta: object, finishReason: string | null = null, index = 0): Buffer => Buffer.from(`data: ${JSON.stringify({
  id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'llama-3.1-8b', choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
})}\n\n`);
const record = (events: readonly Buffer[]): StreamRecording => {
  const recording = new StreamRecording();
  for (const event of events) recording.add(event);
  return recording;
};
const reason = (events: readonly Buffer[], asked: object = body) => {
  const { choices, size } = record(events);
  return answerCacheable({ choices, size, failedChecks: null, degraded: false, trimmed: false }, { ...asked });
};

const START = chunk({ role: 'assistant', content: '' });
const WORDS = ['Essential', ' hypertension', ' is', ' I10', '.'].map(content => chunk({ content }));
const USAGE = Buffer.from('data: {"id":"chatcmpl-7","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":5,"total_tokens":26}}\n\n');

test('what went by is kept byte for byte', () => {
  const events = [START, ...WORDS, chunk({}, 'stop'), USAGE, Buffer.from(': keep-alive\n\n')];
  expect(record(events).content()).toEqual(Buffer.concat(events));
  expect(record(events).size).toBe(Buffer.concat(events).length);
});

test.each<[string, readonly Buffer[], ReturnType<typeof reason>]>([
  ['to its end', [START, ...WORDS, chunk({}, 'stop'), USAGE], undefined],
  ['with the end beside the last word', [START, chunk({ content: 'I10' }, 'stop')], undefined],
  ['with an end that is told twice', [START, ...WORDS, chunk({}, 'stop'), chunk({}, 'stop')], undefined],
  ['with spaces and CRLF', [Buffer.from('data: {"choices" : [{"index" : 0, "delta" : {}, "finish_reason" : "stop"}]}\r\n\r\n')], undefined],
  ['over several data lines', [Buffer.from('data: {"choices":[{"index":0,"delta":{},\ndata: "finish_reason":"stop"}]}\n\n')], undefined],
  ['with a comment before the end', [Buffer.from(': still here\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')], undefined],
  ['with empty lists of tool calls', [chunk({ content: 'I10', tool_calls: [] }), chunk({}, 'stop')], undefined],
  ['cut at the limit', [START, ...WORDS, chunk({}, 'length')], 'unfinished'],
  ['with no end', [START, ...WORDS], 'unfinished'],
  ['of nothing', [], 'unfinished'],
  ['that writes of an end', [START, chunk({ content: '"finish_reason":"stop"' })], 'unfinished'],
  ['with an end that cannot be read', [START, chunk({}, 'stop'), Buffer.from('data: {"finish_reason":"stop"\n\n')], 'unfinished'],
  ['with a tool call', [chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'book', arguments: '{}' } }] }), chunk({}, 'stop')], 'tool-calls'],
  ['refused', [chunk({ refusal: 'I can\'t' }), chunk({ refusal: ' help.' }), chunk({}, 'stop')], 'refused'],
  ['not refused', [chunk({ content: 'I10', refusal: '' }), chunk({}, 'stop')], undefined],
])('a stream %s', (_, events, expected) => {
  expect(reason(events)).toBe(expected);
});

test('each of several choices has an end of its own', () => {
  const asked = { n: 2 };
  expect(reason([chunk({ content: 'a' }), chunk({ content: 'b' }, null, 1), chunk({}, 'stop', 1), chunk({}, 'stop')], asked)).toBeUndefined();
  expect(reason([chunk({ content: 'a' }), chunk({ content: 'b' }, null, 1), chunk({}, 'stop'), chunk({}, 'stop')], asked)).toBe('unfinished');
});

test('one that is too large is not held', () => {
  const events = Array.from({ length: 1_100 }, () => chunk({ content: 'word '.repeat(20) }));
  const recording = record([...events, chunk({}, 'stop')]);
  expect(recording.size).toBeGreaterThan(MAX_KEPT_BYTES);
  expect(recording.content().length).toBe(0);
  expect(reason([...events, chunk({}, 'stop')])).toBe('too-large');
});

test('whatever the texts are, an answer that is played as a stream is kept as the answer itself is', () => {
  const message = fc.record({ role: fc.constant('assistant'), content: fc.string(), refusal: fc.constantFrom(null, '', 'I cannot help with that.') });
  const choices = fc.array(fc.record({ message, finish_reason: fc.constantFrom('stop', 'length', null) }), { maxLength: 3 });
  fc.assert(fc.property(choices, ends => {
    const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: ends.map((end, index) => ({ index, ...end })) };
    const whole = ends.some(end => end.finish_reason !== 'stop') || ends.length === 0 ? 'unfinished' : ends.some(end => end.message.refusal) ? 'refused' : undefined;
    expect(reason(completionEvents(completion, true), { n: Math.max(ends.length, 1) })).toBe(whole);
  }));
});
