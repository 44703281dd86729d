/** Written sums have the value that arithmetic gives them, and whatever is no sum has none. */
import fc from 'fast-check';
import { valueOf } from '../../../../lib/gateway/checks/arithmetic';

test.each([
  ['15 + 25', 40], ['$1,300 * 10/100', 130], ['2 + 3 x 4', 14], ['(2 + 3) × 4', 20], ['120*7/(7+13)', 42], ['10 - 4 - 3', 3], ['100 ÷ 5 ÷ 2', 10],
  ['-3 * -2', 6], ['50% * 80', 40], ['.5 * 3', 1.5], ['007 + 1', 8], [' ( 1 ) ', 1],
])('%s is %d', (sum, value) => {
  expect(valueOf(sum)).toBeCloseTo(value, 9);
});

test.each(['', '1 +', '(1', '1)', '1 2', '1 / 0', 'x + 1', 'a', '1 ** 2', '2 + process.exit(1)', `${'1+'.repeat(200)}1`])('%j has none', text => {
  expect(valueOf(text)).toBeUndefined();
});

interface Written {
  readonly text: string;
  readonly value: number;
}

const APPLY: Readonly<Record<string, (a: number, b: number) => number>> = { '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b };

/** In brackets throughout, so that its value does not depend on the order that is under test. */
const { sum: written } = fc.letrec<{ sum: Written }>(tie => ({
  sum: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer({ min: 0, max: 9999 }).map(value => ({ text: String(value), value })),
    fc.tuple(tie('sum'), fc.constantFrom(...Object.keys(APPLY)), tie('sum')).map(([a, sign, b]) => ({ text: `(${a.text} ${sign} ${b.text})`, value: APPLY[sign]!(a.value, b.value) })),
  ),
}));

test('brackets say what comes first', () => {
  fc.assert(fc.property(written.filter(({ text }) => text.length <= 200), ({ text, value }) => {
    expect(valueOf(text)).toEqual(Number.isFinite(value) ? value : undefined);
  }));
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.,%$()+-*/x× a') }), text => {
    const value = valueOf(text);
    expect(value === undefined || Number.isFinite(value)).toBe(true);
  }));
});
