import { STALE_AFTER_DAYS, staleDays } from '../../../lib/prices/age';

test.each<[string | null, string, number | null]>([
  ['2026-11-23', '2026-11-23', 0],
  ['2026-08-25', '2026-11-23', STALE_AFTER_DAYS],
  ['2026-07', '2026-07-31', 30],
  ['2026', '2026-01-02', 1],
  ['2024-02-28', '2024-03-01', 2],
  ['2027-01-01', '2026-11-23', 0],
  [null, '2026-11-23', null],
  ['n/a', '2026-11-23', null],
  ['2026-13', '2026-11-23', null],
])('a price of %s is on %s %s days old', (asOf, today, days) => {
  expect(staleDays(asOf, today)).toBe(days);
});
