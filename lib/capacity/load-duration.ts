/** How long in a month a load is how high, when only its peak and its average are known: a straight line between high and low. */
import { Decimal, ZERO } from '../money';

export interface LoadDuration {
  /** Share of the month in which more than so many calls are in flight. */
  readonly shareAbove: (calls: Decimal) => Decimal;
  /** Mean over the month of the calls in flight, no more than so many counted. */
  readonly meanUpTo: (calls: Decimal) => Decimal;
}

/**
 * Evenly between a lowest load and the peak, so that the mean is the average: the lowest is 2 x average - peak. Where that
 * is below zero, evenly between zero and the peak for the share 2 x average / peak of the month, and no load for the rest.
 */
export function loadDuration({ peak, average }: { readonly peak: Decimal; readonly average: Decimal }): LoadDuration {
  const mean = Decimal.min(average, peak);
  if (mean.isZero()) return { shareAbove: () => ZERO, meanUpTo: () => ZERO };
  const lowest = Decimal.max(mean.times(2).minus(peak), 0);
  const active = Decimal.min(mean.times(2).div(peak), 1);
  const spread = peak.minus(lowest);
  return {
    shareAbove: calls => {
      if (calls.gte(peak)) return ZERO;
      return calls.lte(lowest) ? active : active.times(peak.minus(calls)).div(spread);
    },
    meanUpTo: calls => {
      const counted = Decimal.min(calls, peak);
      const above = Decimal.max(counted.minus(lowest), 0);
      return active.times(above.isZero() ? counted : counted.minus(above.times(above).div(spread.times(2))));
    },
  };
}
