/** The month in which the target breaks when usage grows by a given percent each month. */
import { Declaration } from '../contracts/declaration';
import { decimal } from '../money';
import type { Scale, ScaleResult } from './evaluate';

const LONGEST = 120;

/**
 * Revenue follows usage along the declared growth: when usage has reached its multiple, revenue has reached its own
 * (revenue = usage ^ (ln revenueMultiple / ln usageMultiple)). Steps in cost are evaluated month by month, not smoothed.
 */
export function monthOfBreak({ economics }: Declaration, at: (scale: Scale) => ScaleResult | undefined): number | null {
  if (!economics?.growth.monthlyPercent) return null;
  const { monthlyPercent, usageMultiple, revenueMultiple } = economics.growth;
  const elasticity = usageMultiple > 1 ? Math.log(revenueMultiple) / Math.log(usageMultiple) : 1;
  for (let month = 0; month <= LONGEST; month++) {
    const usage = (1 + monthlyPercent / 100) ** month;
    const revenue = usage ** elasticity;
    if (!Number.isFinite(usage) || !Number.isFinite(revenue) || revenue === 0) return null;
    if (at({ usage: decimal(usage), revenue: decimal(revenue) })?.verdict === 'breaks') return month;
  }
  return null;
}
