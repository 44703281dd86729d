/** Over which volumes one way to serve costs less than another, on the real staircases of both. */
import { Decimal } from '../../money';

/** What a variant costs in a month at a multiple of today's volume. */
export interface CostAt {
  readonly usd: Decimal;
  /** Why that is not the whole cost; empty where it is. */
  readonly unknown: readonly string[];
}
export type CostCurve = (multiple: number) => CostAt;

export interface Advantage {
  /** Multiples between which own hosting costs less, in ascending order. */
  readonly cheaper: readonly { readonly from: number; readonly to: number }[];
  /** Both costs are known up to here. */
  readonly comparedUpTo: number;
  /** What is unknown beyond; empty at the end of the scale. */
  readonly limitedBy: readonly string[];
}

const SMALLEST = 0.1;
const PER_DECADE = 20;
/** 0.1x to 100x. */
const GRID = Array.from({ length: 3 * PER_DECADE + 1 }, (_, i) => 10 ** (i / PER_DECADE) * SMALLEST);
/** An edge is found to a hundredth of a percent. */
export const CLOSE = 1.0001;

/** Or the reasons why nothing can be compared, not even at a tenth of today's volume. */
export function advantageOf(own: CostCurve, other: CostCurve): Advantage | { readonly unknown: readonly string[] } {
  const unknownAt = (multiple: number): string[] => [...new Set([...own(multiple).unknown, ...other(multiple).unknown])];
  const isKnown = (multiple: number): boolean => unknownAt(multiple).length === 0;
  const isCheaper = (multiple: number): boolean => own(multiple).usd.lt(other(multiple).usd);

  const firstUnknown = GRID.findIndex(multiple => !isKnown(multiple));
  if (firstUnknown === 0) return { unknown: unknownAt(SMALLEST) };
  const known = firstUnknown < 0 ? GRID : GRID.slice(0, firstUnknown);
  const beyond = firstUnknown < 0 ? undefined : edge(known.at(-1)!, GRID[firstUnknown]!, isKnown);
  const multiples = beyond && beyond.before > known.at(-1)! ? [...known, beyond.before] : known;
  return {
    cheaper: rangesWhere(isCheaper, multiples),
    comparedUpTo: multiples.at(-1)!,
    limitedBy: beyond ? unknownAt(beyond.after) : [],
  };
}

function rangesWhere(holds: (multiple: number) => boolean, multiples: readonly number[]): Advantage['cheaper'] {
  const ranges: { from: number; to: number }[] = [];
  let from = holds(multiples[0]!) ? multiples[0] : undefined;
  for (const [i, multiple] of multiples.entries()) {
    const next = multiples[i + 1];
    if (next === undefined) break;
    if (from === undefined && holds(next)) from = edge(multiple, next, m => !holds(m)).after;
    else if (from !== undefined && !holds(next)) {
      ranges.push({ from, to: edge(multiple, next, holds).before });
      from = undefined;
    }
  }
  return from === undefined ? ranges : [...ranges, { from, to: multiples.at(-1)! }];
}

/** Where what holds at `before` stops holding, which it has at `after`. */
function edge(before: number, after: number, holds: (multiple: number) => boolean): { before: number; after: number } {
  while (after / before > CLOSE) {
    const middle = Math.sqrt(before * after);
    if (holds(middle)) before = middle;
    else after = middle;
  }
  return { before, after };
}

/** From which multiple on own hosting costs less for as far as can be compared; undefined where there is none. */
export function cheaperFrom({ cheaper, comparedUpTo }: Advantage): number | undefined {
  const last = cheaper.at(-1);
  return last?.to === comparedUpTo ? last.from : undefined;
}
