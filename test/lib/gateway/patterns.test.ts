/** A configuration's patterns: what may take exponential time is refused in a sentence with its place, what is quick is not. */
import fc from 'fast-check';
import { InputError } from '../../../lib/errors';
import { compilePattern, has, patternProblem } from '../../../lib/gateway/patterns';

test.each([
  String.raw`####\s*-?\$?\d`, String.raw`\d+(?:\.\d+)?\s*(?:mg|ml)`, String.raw`\d{1,3}(?:,\d{3})*`, String.raw`(?:\d{1,3}\.){3}\d{1,3}`, String.raw`(?<=EUR )\d+`, String.raw`(?<year>\d{4})-\d\d`,
  String.raw`\p{Lu}\p{Ll}+`, String.raw`\u{1F600}+`, String.raw`^[(*+|]+$`, String.raw`\(a\+\)+`, '(?:yes|no|maybe)+', String.raw`(?:\.|,)+`, '(?i:total) \\d+', String.raw`^\{[^]*\}$`, '[\\]|)]+', '(a)\\1*', '^(?:(?:a?){2}){2}b', '(?:(?:a{3}b){4}c){9}',
])('%s is accepted', pattern => {
  expect(patternProblem(pattern, '', 'place')).toBeUndefined();
  expect(compilePattern(pattern, '')).toEqual(new RegExp(pattern, 'u'));
});

test.each([
  ['(a+)+$', '(a+)+'], ['(a|a)*b', '(a|a)*'], ['(?:a|ab)*c', '(?:a|ab)*'], [String.raw`^(?:\w|\d)+$`, String.raw`(?:\w|\d)+`], ['(a?)*b', '(a?)*'], ['(?:|a)+b', '(?:|a)+'], ['((a{1,9}){5})', '(a{1,9}){5}'],
  ['(?:a{0}b|b)*c', '(?:a{0}b|b)*'], ['x(?:(?:b|bc)d?){2,}', '(?:(?:b|bc)d?){2,}'], ['(?:a|A)*b', '(?:a|A)*'], ['((?:k+)-)*', '((?:k+)-)*'],
  ['^(?:(?:(?:a?){4}){4}){4}b', '(?:(?:a?){4}){4}'], ['(?:(?:a|ab){3}c){2}', '(?:(?:a|ab){3}c){2}'], ['((?:(?:a?){1}b){3}|c){2}', '((?:(?:a?){1}b){3}|c){2}'],
])('%s is refused', (pattern, repeated) => {
  expect(patternProblem(pattern, '', 'checks.1.pattern')).toMatch(/^checks\.1\.pattern may take exponential time: /);
  expect(patternProblem(pattern, '', 'checks.1.pattern')).toContain(JSON.stringify(repeated));
  expect(() => compilePattern(pattern, '', 'checks.1.pattern')).toThrow(InputError);
});

test('what is no pattern is told with its place', () => {
  expect(patternProblem('(a', 'i', 'classes.0.patterns.2')).toMatch(/^classes\.0\.patterns\.2 with flags "i" is no regular expression of JavaScript: /);
  expect(patternProblem('\\-', '', 'place')).toMatch(/no regular expression/);
});

test('a pattern is tried on the beginning of a text', () => {
  const end = compilePattern('total: \\d', '');
  expect(has(`${'.'.repeat(19_000)} total: 5`, end)).toBe(true);
  expect(has(`${'.'.repeat(20_000)} total: 5`, end)).toBe(false);
});

/** Of a few signs, so that many are patterns; of the text, so that the walk meets what is none, too. */
const pattern = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', '|', '*', '+', '?', '(', ')', '[', ']', '^', '\\', '{2}', '{1,9}', '.', '(?:', '(?<!', '-') }), fc.string());

test('each text is either accepted or has a problem, and a group around a pattern changes nothing', () => {
  fc.assert(fc.property(pattern, text => {
    const problem = patternProblem(text, '', 'place');
    if (problem === undefined) expect(compilePattern(text, '')).toBeInstanceOf(RegExp);
    else expect(() => compilePattern(text, '')).toThrow(InputError);
    if (problem?.includes('is no regular expression') !== true) expect(patternProblem(`(?:${text})`, '', 'place') === undefined).toBe(problem === undefined);
  }), { numRuns: 1000 });
});

test('what is repeated and has a repetition in it is never accepted', () => {
  fc.assert(fc.property(pattern.filter(text => patternProblem(text, '', 'place') === undefined), fc.constantFrom('*', '+', '{3,}', '{7}'), (text, sign) => {
    expect(patternProblem(`(?:${text}x*)${sign}`, '', 'place')).toBeDefined();
  }));
});
