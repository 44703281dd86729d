/** How old a price is. Sources date themselves to the day, the month or the year; the earliest day that fits is taken. */

/** Older prices than this are worth a warning: AWS republishes most of its lists every few weeks. */
export const STALE_AFTER_DAYS = 90;

const DAY = 86_400_000;

/** Days between a price's date and today; null where the price has no date. A date after today counts as today. */
export function staleDays(asOf: string | null, today: string): number | null {
  const [from, to] = [firstDay(asOf), firstDay(today)];
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / DAY));
}

function firstDay(date: string | null): number | null {
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(date ?? '') ?? [];
  const time = year === undefined ? Number.NaN : Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(time) ? null : time;
}
