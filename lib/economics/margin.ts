/** Gross margin, acceptable cost and verdict for one amount of revenue and cost. */
import { Decimal, Range, decimal } from '../money';

export type Verdict = 'ok' | 'breaks' | 'unknown';

/** Percent, or null where there is no revenue to take a share of. The low margin comes from the high cost. */
export interface MarginRange {
  readonly low: Decimal | null;
  readonly expected: Decimal | null;
  readonly high: Decimal | null;
}

export const marginPercent = (revenue: Decimal, cost: Decimal): Decimal | null =>
  revenue.isZero() ? null : revenue.minus(cost).div(revenue).times(100);

export const marginRange = (revenue: Decimal, cost: Range): MarginRange => ({
  low: marginPercent(revenue, cost.high), expected: marginPercent(revenue, cost.expected), high: marginPercent(revenue, cost.low),
});

/** What a run may cost in all for the target margin to hold. */
export const acceptableCost = (revenue: Decimal, targetPercent: number): Decimal =>
  revenue.times(decimal(100).minus(targetPercent)).div(100);

/** Unknown costs only ever add: a target broken without them is broken, one that holds without them is not proved. */
export function verdictOf(cost: Decimal, acceptable: Decimal, somethingUnknown: boolean): Verdict {
  if (cost.gt(acceptable)) return 'breaks';
  return somethingUnknown ? 'unknown' : 'ok';
}

export const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('breaks') ? 'breaks' : verdicts.includes('unknown') || verdicts.length === 0 ? 'unknown' : 'ok';
