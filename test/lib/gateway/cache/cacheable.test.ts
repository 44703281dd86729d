/** Which calls and answers are kept. */
import { AnswerToKeep, MAX_KEPT_BYTES, mayCacheAnswer, mayCacheCall } from '../../../../lib/gateway/cache/cacheable';
import { choicesOf } from '../../../../lib/gateway/completion';

const body = { model: 'any', temperature: 0, messages: [{ role: 'user', content: 'Which ICD-10 code is essential hypertension?' }] };
const tool = { type: 'function', function: { name: 'book', parameters: { type: 'object' } } };

test.each<[string, object, boolean, boolean]>([
  ['temperature 0', {}, true, true],
  ['temperature -0, which JSON can say', { temperature: -0 }, true, true],
  ['no temperature, which means 1', { temperature: undefined }, false, true],
  ['temperature null, which means 1', { temperature: null }, false, true],
  ['a little temperature', { temperature: 0.01 }, false, true],
  ['a temperature that is no number', { temperature: '0' }, false, true],
  ['one choice', { n: 1 }, true, true],
  ['n null', { n: null }, true, true],
  ['several choices', { n: 3 }, false, true],
  ['a seed does not make it certain', { temperature: 0.7, seed: 7 }, false, true],
  ['tools', { tools: [tool] }, false, false],
  ['functions, as they were', { functions: [tool.function] }, false, false],
  ['no tools in the list', { tools: [] }, true, true],
  ['a search of the web', { web_search_options: {} }, false, false],
  ['no search of the web', { web_search_options: null }, true, true],
])('a call with %s', (_, change, may, mayWhereSampledMay) => {
  expect(mayCacheCall({ ...body, ...change }, { sampled: false })).toBe(may);
  expect(mayCacheCall({ ...body, ...change }, { sampled: true })).toBe(mayWhereSampledMay);
});

const choice = (change: object = {}, message: object = {}) => ({ index: 0, message: { role: 'assistant', content: 'I10', refusal: null, ...message }, finish_reason: 'stop', ...change });
const answer = (choices: readonly object[], change: Partial<AnswerToKeep> = {}): AnswerToKeep =>
  ({ choices: choicesOf({ choices }), failedChecks: null, size: 400, ...change });

test.each<[string, AnswerToKeep, boolean]>([
  ['whole', answer([choice()]), true],
  ['checked and good', answer([choice()], { failedChecks: [] }), true],
  ['as large as may be', answer([choice()], { size: MAX_KEPT_BYTES }), true],
  ['larger', answer([choice()], { size: MAX_KEPT_BYTES + 1 }), false],
  ['cut at its limit', answer([choice({ finish_reason: 'length' })]), false],
  ['filtered', answer([choice({ finish_reason: 'content_filter' })]), false],
  ['without an end', answer([choice({ finish_reason: null })]), false],
  ['without a choice', answer([]), false],
  ['with a choice that nobody asked for', answer([choice(), choice({ index: 1 })]), false],
  ['with a tool call', answer([choice({}, { tool_calls: [{ id: 'c1', type: 'function', function: { name: 'book', arguments: '{}' } }] })]), false],
  ['with no tool calls in the list', answer([choice({}, { tool_calls: [] })]), true],
  ['refused', answer([choice({}, { content: null, refusal: 'I can\'t help with that.' })]), false],
  ['refused with no word', answer([choice({}, { refusal: '' })]), true],
  ['with a failed check', answer([choice()], { failedChecks: ['regex'] }), false],
])('an answer %s', (_, given, may) => {
  expect(mayCacheAnswer(given, body)).toBe(may);
});

test('of several choices each must have come to its end', () => {
  const asked = { ...body, n: 2 };
  expect(mayCacheAnswer(answer([choice(), choice({ index: 1 })]), asked)).toBe(true);
  expect(mayCacheAnswer(answer([choice()]), asked)).toBe(false);
  expect(mayCacheAnswer(answer([choice(), choice({ index: 1, finish_reason: 'length' })]), asked)).toBe(false);
});
