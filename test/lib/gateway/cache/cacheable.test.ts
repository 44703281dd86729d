/** Which calls and answers are kept, and the reason where not. */
import { AnswerToKeep, MAX_KEPT_BYTES, UnsuitedAnswer, UnsuitedCall, answerCacheable, callCacheable } from '../../../../lib/gateway/cache/cacheable';
import { choicesOf } from '../../../../lib/gateway/completion';

const body = { model: 'any', temperature: 0, messages: [{ role: 'user', content: 'Which ICD-10 code is essential hypertension?' }] };
const tool = { type: 'function', function: { name: 'book', parameters: { type: 'object' } } };

test.each<[string, object, UnsuitedCall | undefined, UnsuitedCall | undefined]>([
  ['temperature 0', {}, undefined, undefined],
  ['temperature -0, which JSON can say', { temperature: -0 }, undefined, undefined],
  ['no temperature, which means 1', { temperature: undefined }, 'sampled', undefined],
  ['temperature null, which means 1', { temperature: null }, 'sampled', undefined],
  ['a little temperature', { temperature: 0.01 }, 'sampled', undefined],
  ['a temperature that is no number', { temperature: '0' }, 'sampled', undefined],
  ['one choice', { n: 1 }, undefined, undefined],
  ['n null', { n: null }, undefined, undefined],
  ['several choices', { n: 3 }, 'sampled', undefined],
  ['a seed does not make it certain', { temperature: 0.7, seed: 7 }, 'sampled', undefined],
  ['tools', { tools: [tool] }, 'tools', 'tools'],
  ['functions, as they were', { functions: [tool.function] }, 'tools', 'tools'],
  ['no tools in the list', { tools: [] }, undefined, undefined],
  ['a search of the web', { web_search_options: {} }, 'web-search', 'web-search'],
  ['no search of the web', { web_search_options: null }, undefined, undefined],
])('a call with %s', (_, change, reason, reasonWhereSampledIs) => {
  expect(callCacheable({ ...body, ...change }, { sampled: false })).toBe(reason);
  expect(callCacheable({ ...body, ...change }, { sampled: true })).toBe(reasonWhereSampledIs);
});

const choice = (change: object = {}, message: object = {}) => ({ index: 0, message: { role: 'assistant', content: 'I10', refusal: null, ...message }, finish_reason: 'stop', ...change });
const answer = (choices: readonly object[], change: Partial<AnswerToKeep> = {}): AnswerToKeep =>
  ({ choices: choicesOf({ choices }), failedChecks: null, degraded: false, trimmed: false, size: 400, ...change });

test.each<[string, AnswerToKeep, UnsuitedAnswer | undefined]>([
  ['whole', answer([choice()]), undefined],
  ['checked and good', answer([choice()], { failedChecks: [] }), undefined],
  ['as large as may be', answer([choice()], { size: MAX_KEPT_BYTES }), undefined],
  ['larger', answer([choice()], { size: MAX_KEPT_BYTES + 1 }), 'too-large'],
  ['cut at its limit', answer([choice({ finish_reason: 'length' })]), 'unfinished'],
  ['filtered', answer([choice({ finish_reason: 'content_filter' })]), 'unfinished'],
  ['without an end', answer([choice({ finish_reason: null })]), 'unfinished'],
  ['without a choice', answer([]), 'unfinished'],
  ['with a choice that nobody asked for', answer([choice(), choice({ index: 1 })]), 'unfinished'],
  ['with a tool call', answer([choice({}, { tool_calls: [{ id: 'c1', type: 'function', function: { name: 'book', arguments: '{}' } }] })]), 'tool-calls'],
  ['with no tool calls in the list', answer([choice({}, { tool_calls: [] })]), undefined],
  ['refused', answer([choice({}, { content: null, refusal: 'I can\'t help with that.' })]), 'refused'],
  ['refused with no word', answer([choice({}, { refusal: '' })]), undefined],
  ['with a failed check', answer([choice()], { failedChecks: ['regex'] }), 'failed-checks'],
  ['degraded', answer([choice()], { degraded: true }), 'degraded'],
  ['of a trimmed prompt', answer([choice()], { trimmed: true }), 'trimmed'],
])('an answer %s', (_, given, reason) => {
  expect(answerCacheable(given, body)).toBe(reason);
});

test('of several choices each must have come to its end', () => {
  const asked = { ...body, n: 2 };
  expect(answerCacheable(answer([choice(), choice({ index: 1 })]), asked)).toBeUndefined();
  expect(answerCacheable(answer([choice()]), asked)).toBe('unfinished');
  expect(answerCacheable(answer([choice(), choice({ index: 1, finish_reason: 'length' })]), asked)).toBe('unfinished');
});
