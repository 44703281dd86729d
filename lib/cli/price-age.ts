/** Warns, once for all forecasts, of prices too old to build on. */
import { StackForecast } from '../economics/evaluate';
import { STALE_AFTER_DAYS, staleDays } from '../prices/age';
import { Io } from './io';

export function warnOfAge(forecasts: readonly StackForecast[], today: string, io: Io): void {
  const lines = forecasts.flatMap(f => f.bill.resources.flatMap(r => r.lines)).filter(line => line.monthlyUsd && line.status !== 'override');
  const ages = new Map(lines.map(line => [line.item, staleDays(line.asOf, today)]));
  const old = [...ages].filter(([, days]) => days !== null && days > STALE_AFTER_DAYS);
  const undated = [...ages].filter(([, days]) => days === null);
  if (old.length > 0) {
    const [item, days] = old.reduce((a, b) => b[1]! > a[1]! ? b : a);
    io.stderr(`Warning: ${old.length} of ${ages.size} prices used are over ${STALE_AFTER_DAYS} days old (${item}: ${days} days). Refresh them with: ai-margin prices refresh`);
  }
  if (undated.length > 0) io.stderr(`Warning: prices without a date: ${undated.map(([item]) => item).join(', ')}.`);
}
