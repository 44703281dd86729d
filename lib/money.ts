/** Money and uncertain quantities: exact decimals, and ranges of low, expected and high. */
import DecimalJs from 'decimal.js';

/** Our own constructor, so that nobody else's precision setting changes our sums. */
export const Decimal = DecimalJs.clone({ precision: 40, rounding: DecimalJs.ROUND_HALF_UP, toExpNeg: -1e6, toExpPos: 1e6 });
export type Decimal = DecimalJs;
export type Numeric = Decimal | number | string;

export const ZERO = new Decimal(0);
export const HOURS_PER_MONTH = new Decimal(730);
export const SECONDS_PER_MONTH = HOURS_PER_MONTH.times(3600);

export const decimal = (value: Numeric): Decimal => new Decimal(value);
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
};

/** `low <= expected <= high`. */
export interface Range {
  readonly low: Decimal;
  readonly expected: Decimal;
  readonly high: Decimal;
}

export const exactly = (value: Numeric): Range => {
  const d = value instanceof Decimal ? value : decimal(value);
  return { low: d, expected: d, high: d };
};
export const NOTHING = exactly(0);
/** Most ranges are one value three times; they are then computed once. */
export const isExact = (range: Range): boolean => range.low === range.high;

/** The same computation at the low, expected and high end of a range. */
export function mapRange(range: Range, f: (value: Decimal) => Decimal): Range {
  return isExact(range) ? exactly(f(range.expected)) : { low: f(range.low), expected: f(range.expected), high: f(range.high) };
}
export const plus = (a: Range, b: Range): Range => isExact(a) && isExact(b)
  ? exactly(a.expected.plus(b.expected))
  : { low: a.low.plus(b.low), expected: a.expected.plus(b.expected), high: a.high.plus(b.high) };
export const times = (range: Range, factor: Numeric): Range => mapRange(range, value => value.times(factor));
export const sumRanges = (ranges: readonly Range[]): Range => ranges.reduce(plus, NOTHING);

/** A money or quantity as a plain decimal string; at most 12 places, without trailing zeros. */
export const plain = (value: Decimal): string => value.toDecimalPlaces(12).toFixed();
export const plainRange = (range: Range): { low: string; expected: string; high: string } => ({
  low: plain(range.low), expected: plain(range.expected), high: plain(range.high),
});
