/** Order statistics from buckets: right to 2 %. */
import fc from 'fast-check';
import { Histogram } from '../../../lib/gateway/histogram';

const of = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
};
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
/** 4 digits of the middle of a bucket, beside its 2 %. */
const near = (seen: number, exact: number): boolean => Math.abs(seen - exact) <= exact * 0.0206;

const durations = fc.array(fc.double({ min: 0.1, max: 3 * 3600 * 1000, noNaN: true }), { minLength: 1, maxLength: 400 });

test('few values are all there, each to 2 %', () => {
  fc.assert(fc.property(durations, values => {
    const seen = of(values).values(400);
    expect(seen).toHaveLength(values.length);
    expect(sorted(values).every((value, i) => near(seen[i]!, value))).toBe(true);
  }));
});

test('of many, evenly spaced ones with the least and the greatest', () => {
  fc.assert(fc.property(durations, fc.integer({ min: 1, max: 100 }), (values, most) => {
    const seen = of(values).values(most);
    expect(seen).toHaveLength(Math.min(most, values.length));
    const exact = sorted(values);
    const rank = (i: number): number => seen.length === 1 ? 0 : Math.round(i * (values.length - 1) / (seen.length - 1));
    expect(seen.every((value, i) => near(value, exact[rank(i)]!))).toBe(true);
  }));
});

test('what lies outside counts at the edge, and nothing is nothing', () => {
  expect(of([0, 0.01]).values(100)).toEqual([0.1, 0.1]);
  expect(near(of([1e12]).values(100)[0]!, 3 * 3600 * 1000)).toBe(true);
  expect(of([]).values(100)).toEqual([]);
  expect(of([1, 2]).count).toBe(2);
});
