/** The threshold of the last scores against sorting them anew. */
import fc from 'fast-check';
import { RollingQuantile, untied } from '../../../../lib/gateway/choice/rolling-quantile';

const score = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }).map(value => value === 0 ? 0 : value), fc.constantFrom(0.3, 0, -Infinity));

test('is what sorting the last ones gives', () => {
  fc.assert(fc.property(fc.array(score, { maxLength: 120 }), fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1.2, noNaN: true }), (scores, size, share) => {
    const quantile = new RollingQuantile(size);
    scores.forEach((value, i) => {
      quantile.add(value);
      const highest = scores.slice(Math.max(0, i + 1 - size), i + 1).sort((a, b) => b - a);
      const chosen = Math.min(Math.ceil(share * highest.length), highest.length);
      expect(quantile.leastOfTop(share)).toBe(chosen === 0 ? undefined : highest[chosen - 1]);
    });
  }));
});

test('nothing is chosen of no scores, and of none of them', () => {
  const quantile = new RollingQuantile();
  expect(quantile.leastOfTop(0.5)).toBeUndefined();
  quantile.add(1);
  expect(quantile.leastOfTop(0)).toBeUndefined();
  expect(quantile.leastOfTop(0.001)).toBe(1);
});

test('of calls that all score the same, any share can be chosen', () => {
  for (const share of [0.05, 0.25, 0.6]) {
    const quantile = new RollingQuantile();
    let chosen = 0;
    for (let i = 0; i < 4000; i++) {
      const ranked = untied(0.3, `3f0c2a9e-7d41-4b1e-9c55-${String(i * 7919).padStart(12, '0')}`);
      chosen += ranked >= (quantile.leastOfTop(share) ?? Infinity) ? 1 : 0;
      quantile.add(ranked);
    }
    expect(Math.abs(chosen / 4000 - share)).toBeLessThan(0.02);
  }
});

test('ties are told apart by the call\'s id only, always the same, and by less than a difference', () => {
  fc.assert(fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.string(), (value, id) => {
    const ranked = untied(value, id);
    expect(ranked).toBe(untied(value, id));
    expect(ranked - value).toBeGreaterThanOrEqual(0);
    expect(ranked - value).toBeLessThan(1.001e-6);
  }));
  expect(untied(0.3, 'req-1')).not.toBe(untied(0.3, 'req-2'));
});
