/** Days and months of UTC. */
import * as fc from 'fast-check';
import { Period, periodAt, periodEndsInMs } from '../../../lib/gateway/periods';

const times = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2200, 0) });

test.each<Period>(['day', 'month'])('a %s ends when the next begins', period => fc.assert(fc.property(times, now => {
  const end = now + periodEndsInMs(period, now);
  expect(end).toBeGreaterThan(now);
  expect(periodAt(period, end - 1)).toBe(periodAt(period, now));
  expect(periodAt(period, end)).toBe(periodAt(period, now) + 1);
})));

test('months follow the calendar', () => {
  expect(periodEndsInMs('month', Date.UTC(2028, 1, 29))).toBe(24 * 3_600_000);
  expect(periodEndsInMs('month', Date.UTC(2026, 11, 31, 23))).toBe(3_600_000);
});
