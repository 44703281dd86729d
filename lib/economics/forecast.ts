/** The month in which a target breaks when usage grows by a given percent each month. */
import { Declaration } from '../contracts/declaration';
import { decimal } from '../money';
import { Verdict } from './margin';
import { Scale } from './scale';

const LONGEST = 120;

/** The first month with a broken target; `never`: not within ten years; `unknown`: not broken, and not proved to hold. */
export type MonthOfBreak = number | 'never' | 'unknown';

/**
 * Revenue follows usage along the declared growth: when usage has reached its multiple, revenue has reached its own
 * (revenue = usage ^ (ln revenueMultiple / ln usageMultiple)). Steps in cost are evaluated month by month, not smoothed.
 */
export function monthOfBreak({ economics, workflows }: Declaration, verdictAt: (scale: Scale) => Verdict): MonthOfBreak | null {
  if (!economics?.growth.monthlyPercent || workflows.length === 0) return null;
  const { monthlyPercent, usageMultiple, revenueMultiple } = economics.growth;
  const elasticity = usageMultiple > 1 ? Math.log(revenueMultiple) / Math.log(usageMultiple) : 1;
  let proved = true;
  for (let month = 0; month <= LONGEST; month++) {
    const usage = (1 + monthlyPercent / 100) ** month;
    const revenue = usage ** elasticity;
    if (!Number.isFinite(usage) || !Number.isFinite(revenue) || revenue === 0) return 'unknown';
    const verdict = verdictAt({ usage: decimal(usage), revenue: decimal(revenue) });
    if (verdict === 'breaks') return month;
    proved &&= verdict === 'ok';
  }
  return proved ? 'never' : 'unknown';
}
