/** Ratios of sums and their bootstrap intervals, against values computed by hand and against what an interval is for. */
import fc from 'fast-check';
import { Part, estimates } from '../../../../lib/gateway/evaluation/estimate';
import { randomFrom, shuffled } from '../../../../lib/gateway/evaluation/random';

const estimate = (parts: readonly Part[], seed = 1): ReturnType<typeof estimates<'it'>>['it'] => estimates({ it: parts }, randomFrom(seed)).it;
const means = (values: readonly number[]): Part[] => values.map(above => ({ above, below: 1 }));

test('the value is the one sum over the other, not the mean of the ratios', () => {
  expect(estimate([{ above: 1, below: 4 }, { above: 2, below: 2 }])).toMatchObject({ above: 3, below: 6, value: 0.5 });
});

test('of two records that differ, a quarter of the resamples have one of them twice: the interval is all there is', () => {
  expect(estimate(means([0, 1]))).toMatchObject({ value: 0.5, low: 0, high: 1 });
});

test('records that are all alike leave nothing uncertain', () => {
  expect(estimate(means([0.25, 0.25, 0.25]))).toMatchObject({ value: 0.25, low: 0.25, high: 0.25 });
});

test('the mean of 100 of which 30 are 1 has the interval of the normal distribution, nearly', () => {
  const { low, high } = estimate(means(Array.from({ length: 100 }, (_, i) => Number(i < 30))));
  const margin = 1.96 * Math.sqrt(0.3 * 0.7 / 100);
  expect(Math.abs(low! - (0.3 - margin))).toBeLessThan(0.02);
  expect(Math.abs(high! - (0.3 + margin))).toBeLessThan(0.02);
});

test('19 of 20 intervals hold the true ratio, with something of a record in both sums', () => {
  let covered = 0;
  for (let world = 1; world <= 200; world++) {
    const random = randomFrom(world);
    // A gap of .3 on average, of which a half is recovered.
    const parts = Array.from({ length: 150 }, (): Part => {
      const below = random(10) < 4 ? 1 : random(6) < 1 ? -1 : 0;
      return { above: random(2) * below, below };
    });
    const { low, high } = estimate(parts, world);
    if (low! <= 0.5 && high! >= 0.5) covered++;
  }
  expect(covered).toBeGreaterThanOrEqual(180);
  expect(covered).toBeLessThanOrEqual(199);
});

describe('a ratio to nothing', () => {
  test('is none, whatever is above the line', () => {
    expect(estimate([{ above: 1, below: 1 }, { above: 1, below: -1 }])).toMatchObject({ value: null, low: null, high: null });
    expect(estimate([{ above: 1, below: 0 }])).toMatchObject({ value: null });
  });

  test('is none where fractions leave a trace of nothing', () => {
    expect(estimate([0.1, 0.2, -0.3].map(below => ({ above: 1, below })))).toMatchObject({ value: null });
  });

  test('in more than a 40th of the resamples has no bounds', () => {
    // The one record with something below the line is missing in 30% of them.
    expect(estimate([{ above: 1, below: 2 }, { above: 0, below: 0 }, { above: 0, below: 0 }])).toMatchObject({ value: 0.5, low: null, high: null });
  });

  test('in fewer of them makes the interval wider, not narrower', () => {
    const parts = (n: number): Part[] => Array.from({ length: 24 }, (_, i) => i < 4 ? { above: i, below: 3 } : { above: 0, below: Number(i < n) });
    const [some, none] = [estimate(parts(4)), estimate(means([0, 1, 2, 3].map(above => above / 3)))];
    expect(some.value).toBe(none.value);
    expect(some.low).toBe(0);
    expect(some.high).toBe(1);
  });
});

test('the same seed gives the same interval, another one another', () => {
  const parts = means(Array.from({ length: 60 }, (_, i) => Math.sqrt(i)));
  expect(estimate(parts, 7)).toEqual(estimate(parts, 7));
  expect(estimate(parts, 7)).not.toEqual(estimate(parts, 8));
});

test('records are drawn with all their parts: of two figures that are one, the intervals are one', () => {
  const parts = means(Array.from({ length: 40 }, (_, i) => i % 7));
  const { a, twice } = estimates({ a: parts, twice: parts.map(part => ({ ...part, above: 2 * part.above })) }, randomFrom(3));
  expect(twice.low).toBeCloseTo(2 * a.low!, 12);
  expect(twice.high).toBeCloseTo(2 * a.high!, 12);
});

test('the value lies within its interval, and within what the records have', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 30 }), fc.nat(), (values, seed) => {
    const { value, low, high } = estimate(means(values), seed);
    expect(low!).toBeLessThanOrEqual(value! + 1e-9);
    expect(high!).toBeGreaterThanOrEqual(value! - 1e-9);
    expect(low!).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
    expect(high!).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
  }), { numRuns: 30 });
});

describe('chance from a seed', () => {
  test('each number below the limit comes about as often', () => {
    const [random, seen] = [randomFrom(5), new Map<number, number>()];
    for (let i = 0; i < 70_000; i++) {
      const number = random(7);
      seen.set(number, (seen.get(number) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const times of seen.values()) expect(Math.abs(times - 10_000)).toBeLessThan(400);
  });

  test('a shuffled list has the same in another order, each as likely at each place', () => {
    fc.assert(fc.property(fc.array(fc.nat()), fc.nat(), (values, seed) => {
      const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
      expect(sorted(shuffled(values, randomFrom(seed)))).toEqual(sorted(values));
    }));
    const firsts = Array.from({ length: 3_000 }, (_, seed) => shuffled([0, 1, 2], randomFrom(seed))[0]);
    for (const value of [0, 1, 2]) expect(Math.abs(firsts.filter(first => first === value).length - 1_000)).toBeLessThan(120);
  });
});
