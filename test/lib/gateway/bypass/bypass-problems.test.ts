/** Mistakes in bypass rules are told when they are read: with their place, and what would be accepted. */
import { bypassRuleSchema } from '../../../../lib/contracts/gateway-route';
import { bypassProblems } from '../../../../lib/gateway/bypass/bypass-problems';

const problems = (...rules: readonly object[]): string[] => bypassProblems(rules.map(rule => bypassRuleSchema.parse(rule)), 'workflows.0.route.bypass');
const template = { kind: 'template', id: 'reset', text: 'How do I reset {product}?', answer: 'Hold {product}.' };
const regex = { kind: 'regex', id: 'order', pattern: 'order (?<number>\\d+) of (\\d{4})', answer: '$<number> of $2: $$5.' };

test('sound rules have none', () => {
  expect(problems(
    template, regex, { kind: 'lookup', id: 'hours', answers: { a: 'b' } },
    { kind: 'function', id: 'faq', url: 'https://faq.internal/' }, { kind: 'function', id: 'faq-2', url: 'https://faq.internal/', pattern: 'bill|price', flags: 'i' },
  )).toEqual([]);
});

test.each<[string, object, string]>([
  ['a slot that the question has not', { ...template, answer: 'Hold {button} of {product}.' }, 'workflows.0.route.bypass.0 (reset).answer has {button}, which its question has not; known are {product}'],
  ['a slot of a question without any', { ...template, text: 'Hello' }, '.answer has {product}, which its question has not; known are none'],
  ['two slots that nothing parts', { ...template, text: '{a}{product}' }, '.text has two slots with nothing in between'],
  ['a pattern that is none', { ...regex, pattern: 'order (\\d+' }, 'workflows.0.route.bypass.0 (order).pattern with flags "" is no regular expression of JavaScript'],
  ['a pattern that only in brackets is one', { ...regex, pattern: 'a)(b' }, 'is no regular expression of JavaScript'],
  ['an escape that means nothing', { ...regex, pattern: '\\y' }, 'is no regular expression of JavaScript'],
  ['a flag given twice', { ...regex, flags: 'ii' }, '.pattern with flags "ii" is no regular expression'],
  ['a function\'s pattern that is none', { kind: 'function', id: 'faq', url: 'https://faq.internal/', pattern: '[' }, '(faq).pattern with flags "" is no regular expression'],
  ['a group that the pattern has not', { ...regex, answer: 'It costs $10.' }, '.answer has $10, which its question has not; known are $1, $2, $<number>; a dollar that is meant is written as $$'],
  ['a name that the pattern has not', { ...regex, answer: '$<order>' }, '.answer has $<order>, which'],
  ['a lookup of nothing', { kind: 'lookup', id: 'hours', answers: {} }, 'workflows.0.route.bypass.0 (hours).answers is empty'],
  ['a lookup of white space', { kind: 'lookup', id: 'hours', answers: { ' \n': 'b' } }, '.answers has a text of white space only'],
  ['a text twice', { kind: 'lookup', id: 'hours', answers: { 'open today?': 'a', 'open  today?': 'b' } }, '.answers has "open today?" twice'],
])('%s', (_, rule, expected) => {
  const found = problems(rule);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});

test('an id that two rules have', () => {
  expect(problems(template, regex, { ...regex, id: 'reset' })).toEqual([expect.stringContaining('workflows.0.route.bypass has reset twice')]);
});
