/** The curve keeps the declared peak and average, whatever they are. */
import * as fc from 'fast-check';
import { loadDuration } from '../../../lib/capacity/load-duration';
import { decimal } from '../../../lib/money';

const curve = (peak: number, average: number) => loadDuration({ peak: decimal(peak), average: decimal(average) });

test.each([
  // A steady load, one that swings around a high average, one that is mostly absent.
  [100, 100, 99, 1], [100, 100, 100, 0], [100, 75, 50, 1], [100, 75, 75, 0.5], [100, 25, 0, 0.5], [100, 25, 50, 0.25], [0, 0, 0, 0],
])('peak %d, average %d: more than %d calls for %d of the month', (peak, average, calls, share) => {
  expect(curve(peak, average).shareAbove(decimal(calls)).toNumber()).toBeCloseTo(share, 12);
});

test('its mean is the average, and it is the area under the shares', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 }), fc.nat(1000), (peak, part, upTo) => {
    const average = peak * part / 1000;
    const { shareAbove, meanUpTo } = curve(peak, average);
    expect(meanUpTo(decimal(peak)).toNumber()).toBeCloseTo(average, 9);
    const steps = 400;
    const area = Array.from({ length: steps }, (_, i) => shareAbove(decimal(upTo * (i + 0.5) / steps)).toNumber() * upTo / steps).reduce((a, b) => a + b, 0);
    expect(Math.abs(meanUpTo(decimal(upTo)).toNumber() - area)).toBeLessThanOrEqual(upTo / steps);
  }), { numRuns: 50 });
});
