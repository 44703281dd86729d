/** Which variant to take: the cheapest that meets the target at growth, people counted. Nothing unknown is ever taken for cheap. */
import { Decimal } from '../../money';
import { Verdict } from '../margin';

/** What a recommendation weighs of a variant, at the largest scale. */
export interface Candidate {
  readonly usdWithPeople: Decimal;
  /** false: the cost is a floor. */
  readonly complete: boolean;
  readonly verdict: Verdict;
}

export type Recommendation<T> =
  | { readonly best: T; readonly meetsTarget: boolean }
  /** Any of these may turn out to be the better one. */
  | { readonly undecidedFor: readonly T[] };

export function recommend<T extends Candidate>(candidates: readonly T[]): Recommendation<T> {
  const known = candidates.filter(c => c.complete);
  const best = cheapest(known.filter(c => c.verdict === 'ok')) ?? cheapest(known);
  const unknown = candidates.filter(c => !c.complete);
  if (!best) return { undecidedFor: unknown };
  const meetsTarget = best.verdict === 'ok';
  const undecidedFor = unknown.filter(c => {
    const mayCostLess = c.usdWithPeople.lt(best.usdWithPeople);
    const mayMeetTarget = c.verdict === 'unknown';
    return meetsTarget ? mayCostLess && mayMeetTarget : mayCostLess || mayMeetTarget;
  });
  return undecidedFor.length > 0 ? { undecidedFor } : { best, meetsTarget };
}

/** The first of equals. */
export const cheapest = <T extends Candidate>(candidates: readonly T[]): T | undefined =>
  candidates.reduce<T | undefined>((a, b) => !a || b.usdWithPeople.lt(a.usdWithPeople) ? b : a, undefined);
