/** A stream's end as the recording sees it is what parsing each of its events would find. */
import fc from 'fast-check';
import { MAX_KEPT_BYTES, mayCacheAnswer } from '../../../../lib/gateway/cache/cacheable';
import { StreamRecording } from '../../../../lib/gateway/cache/stream-recording';
import { choicesOf, completionEvents } from '../../../../lib/gateway/completion';

const body = { temperature: 0 };
const chunk = (delta: object, finishReason: string | null = null, index = 0): Buffer => Buffer.from(`data: ${JSON.stringify({
  id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'llama-3.1-8b', choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
})}\n\n`);
/** How many of the events came before one that decided against it. */
const recorded = (recording: StreamRecording, events: readonly Buffer[]): number => {
  const last = events.findIndex(event => !recording.add(event));
  return last < 0 ? events.length : last;
};
/** Given up: it was known before its end. */
const fate = (events: readonly Buffer[], asked: object = body): 'kept' | 'not kept' | 'given up' => {
  const recording = new StreamRecording();
  if (recorded(recording, events) < events.length) return 'given up';
  return mayCacheAnswer({ choices: recording.choices, size: recording.content().length, failedChecks: null }, { ...asked }) ? 'kept' : 'not kept';
};

const START = chunk({ role: 'assistant', content: '' });
const WORDS = ['Essential', ' hypertension', ' is', ' I10', '.'].map(content => chunk({ content }));
const USAGE = Buffer.from('data: {"id":"chatcmpl-7","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":5,"total_tokens":26}}\n\n');

test('what went by is kept byte for byte', () => {
  const events = [START, ...WORDS, chunk({}, 'stop'), USAGE, Buffer.from(': keep-alive\n\n')];
  const recording = new StreamRecording();
  expect(recorded(recording, events)).toBe(events.length);
  expect(recording.content()).toEqual(Buffer.concat(events));
});

test.each<[string, readonly Buffer[], ReturnType<typeof fate>]>([
  ['to its end', [START, ...WORDS, chunk({}, 'stop'), USAGE], 'kept'],
  ['with the end beside the last word', [START, chunk({ content: 'I10' }, 'stop')], 'kept'],
  ['with an end that is told twice', [START, ...WORDS, chunk({}, 'stop'), chunk({}, 'stop')], 'kept'],
  ['with spaces and CRLF', [Buffer.from('data: {"choices" : [{"index" : 0, "delta" : {}, "finish_reason" : "stop"}]}\r\n\r\n')], 'kept'],
  ['over several data lines', [Buffer.from('data: {"choices":[{"index":0,"delta":{},\ndata: "finish_reason":"stop"}]}\n\n')], 'kept'],
  ['with a comment before the end', [Buffer.from(': still here\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')], 'kept'],
  ['with empty lists of tool calls', [chunk({ content: 'I10', tool_calls: [] }), chunk({}, 'stop')], 'kept'],
  ['cut at the limit', [START, ...WORDS, chunk({}, 'length')], 'not kept'],
  ['with no end', [START, ...WORDS], 'not kept'],
  ['of nothing', [], 'not kept'],
  ['that writes of an end', [START, chunk({ content: '"finish_reason":"stop"' })], 'not kept'],
  ['with an end that cannot be read', [START, chunk({}, 'stop'), Buffer.from('data: {"finish_reason":"stop"\n\n')], 'given up'],
  ['with an end of no choice', [START, chunk({}, 'stop'), Buffer.from('data: {"finish_reason":"stop","choices":null}\n\n')], 'given up'],
  ['with a tool call', [chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'book', arguments: '{}' } }] }), chunk({}, 'stop')], 'given up'],
  // More than a call's arguments may be.
  ['with very many tool calls', [START, chunk({ tool_calls: [{}, ...Array<number>(130_000).fill(0)] })], 'given up'],
  ['refused', [chunk({ refusal: 'I can\'t' }), chunk({ refusal: ' help.' }), chunk({}, 'stop')], 'not kept'],
  ['not refused', [chunk({ content: 'I10', refusal: '' }), chunk({}, 'stop')], 'kept'],
])('a stream %s', (_, events, expected) => {
  expect(fate(events)).toBe(expected);
});

test('each of several choices has an end of its own', () => {
  const asked = { n: 2 };
  expect(fate([chunk({ content: 'a' }), chunk({ content: 'b' }, null, 1), chunk({}, 'stop', 1), chunk({}, 'stop')], asked)).toBe('kept');
  expect(fate([chunk({ content: 'a' }), chunk({ content: 'b' }, null, 1), chunk({}, 'stop'), chunk({}, 'stop')], asked)).toBe('not kept');
});

test('one that is too large is given up with the event that makes it so', () => {
  const events = Array.from({ length: 1_100 }, () => chunk({ content: 'word '.repeat(20) }));
  const recording = new StreamRecording();
  expect(recorded(recording, events)).toBe(Math.floor(MAX_KEPT_BYTES / events[0]!.length));
  expect(recording.content().length).toBeLessThanOrEqual(MAX_KEPT_BYTES);
});

test('whatever the texts are, an answer that is played as a stream is kept as the answer itself is', () => {
  const message = fc.record({ role: fc.constant('assistant'), content: fc.string(), refusal: fc.constantFrom(null, '', 'I cannot help with that.') });
  const choices = fc.array(fc.record({ message, finish_reason: fc.constantFrom('stop', 'length', null) }), { maxLength: 3 });
  fc.assert(fc.property(choices, ends => {
    const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: ends.map((end, index) => ({ index, ...end })) };
    const whole = mayCacheAnswer({ choices: choicesOf(completion), size: 400, failedChecks: null }, { n: Math.max(ends.length, 1) });
    expect(fate(completionEvents(completion, true), { n: Math.max(ends.length, 1) })).toBe(whole ? 'kept' : 'not kept');
  }));
});
