/** Answers whose own arithmetic is wrong are found; sound ones, rounded ones and prose are left alone. */
import fc from 'fast-check';
import { recompute } from '../../../../lib/gateway/checks/numeric-recompute';

test.each([
  'She has 15 + 25 = 40 cups.\n#### 40',
  'The rest is $500 + $800 = $<<500+800=1300>>1300.\n#### 1,300',
  'A third of 100 is 100 / 3 = 33.33.',
  'That is 30 / 120 = 25% of them.\n#### 25',
  'He runs 3 sprints * 60 meters/sprint = 180 meters.',
  'Let x + 3 = 10, so x = 10 - 3 = 7.\n#### 7',
  '3 - 5 = -2',
  'Twice 3, and 4 more: 2 * 3 + 4 = 6 + 4 = 10.',
  'Counting on: 2 + 3 = 5 + 4 = 9.\n#### 9',
  'A half: 3 / 6 = 0.5 = 50%.',
  '(6/12) * 100 = 0.5 * 100 = 50%',
  'The cat sat on the mat.',
  '#### 12',
  '',
])('nothing speaks against %j', answer => {
  expect(recompute(answer)).toBeUndefined();
});

test.each([
  ['She has 15 + 25 = 45 cups.\n#### 45', 'wrong-arithmetic'],
  ['He pays <<500+800=1200>>1200 dollars.\n#### 1200', 'wrong-arithmetic'],
  ['It is (2 + 3) x 4 = 14 in all.', 'wrong-arithmetic'],
  ['3 - 5 = -3', 'wrong-arithmetic'],
  ['20-3=16', 'wrong-arithmetic'],
  ['10 / 5 = 3', 'wrong-arithmetic'],
  ['17 - 5 = 11 remainder', 'wrong-arithmetic'],
  ['They pay 2 * 1,300 = 2,700, less 5.', 'wrong-arithmetic'],
  ['2 + 2 = 5\n400 + 4 = 404', 'wrong-arithmetic'],
  ['They cost 2 * 4 + 3 * 6 = 10 + 18 = 28.', 'wrong-arithmetic'],
  ['<<12*4+6=48+6=55>>55', 'wrong-arithmetic'],
  ['2 + 3 = 5 + 4 = 10', 'wrong-arithmetic'],
  ['So 3 * 4 = 12 are left.\n#### 15', 'final-number-differs'],
])('%j: %s', (answer, reason) => {
  expect(recompute(answer)).toBe(reason);
});

test.each([
  '3,5 * 2 = 7', '12,50 + 7,50 = 20', 'Das sind 5 / 2 = 2,5 Meter.', '5 / 2 = 2,5\n#### 2.5', '5 / 2 = 2,5\n#### 2,5', '<<3,5*2=7>>7',
  '10 / 3 = 3 remainder 1', '17 / 5 = 3 R 2', '17 ÷ 5 = 3 (remainder 2)', '17 / 5 = 3, with a remainder of 2', '10 / 3 = 3 with 1 left over',
  'PHQ-9: 0-4 = 0 (minimal), 5-9 = 1 (mild)', '9 - 17 = 8 h', 'Score 1-4 = 0 points', '2024-01-15 = 3 days', '555-1234 = 7 digits',
  '2^3 + 1 = 9', '1 + 2^3 = 9', '1 + 2 = 3^2', '5 + 4 = 3\u00B2', '1\'000 * 2 = 2\'000', '1_000 * 2 = 2_000', '1 000 * 2 = 2 000', '500 * 4 = 2 000', '1e3 * 2 = 2000', '500 * 4 = 2e3',
])('%j is left alone: it is written in another way, or is no sum', answer => {
  expect(recompute(answer)).toBeUndefined();
});

const figure = fc.integer({ min: 1, max: 9999 });
const RESULTS: Readonly<Record<string, (a: number, b: number) => number>> = { '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b };
const sign = fc.constantFrom(...Object.keys(RESULTS));

test('what is right is never flagged, however it is spaced, with commas, rounded to cents', () => {
  fc.assert(fc.property(figure, sign, figure, fc.constantFrom('', ' '), (a, by, b, gap) => {
    const result = Math.round(RESULTS[by]!(a, b) * 100) / 100;
    expect(recompute(`So ${a.toLocaleString('en-US')}${gap}${by}${gap}${b}${gap}=${gap}${result}.`)).toBeUndefined();
  }));
});

test('nor is a row that comes down to one number, whether each part is the whole or is counted on', () => {
  fc.assert(fc.property(figure, figure, figure, (a, b, c) => {
    expect(recompute(`${a} + ${b} * ${c} = ${a} + ${b * c} = ${a + b * c}`)).toBeUndefined();
    expect(recompute(`${a} + ${b} = ${a + b} + ${c} = ${a + b + c}`)).toBeUndefined();
    expect(recompute(`${a} + ${b} = ${2 * (a + b) + 3} + ${c} = ${2 * (a + b) + 3 + c}`)).toBe('wrong-arithmetic');
  }));
});

test('what is neither right nor the same in percent is', () => {
  fc.assert(fc.property(figure, fc.constantFrom('+', '*'), figure, fc.integer({ min: 2, max: 20 }), (a, by, b, times) => {
    expect(recompute(`So ${a} ${by} ${b} = ${(RESULTS[by]!(a, b) + 7) * times}.`)).toBe('wrong-arithmetic');
  }), { numRuns: 1000 });
});
