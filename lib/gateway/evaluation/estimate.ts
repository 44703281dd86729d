/** Figures that are ratios of two sums over records (shares, means, the recovered gap, savings), with their bootstrap intervals. */
import { Random } from './random';

/** One record's part in the sums above and below the line. */
export interface Part {
  readonly above: number;
  readonly below: number;
}

/** The sums, and what they make. */
export interface Estimate extends Part {
  /** null: the sum below is not above 0, so there is no such figure. */
  readonly value: number | null;
  /** Of the 95% interval; null: the records do not bound it. */
  readonly low: number | null;
  readonly high: number | null;
}

export const RESAMPLES = 2_000;
/** Left out at each end. */
const TAIL = 0.025 * RESAMPLES;
/** Sums of fractions that are 0 on paper. */
const NOTHING = 1e-9;

/** The parts of a record are at the same place in all figures: records are drawn, with replacement. */
export function estimates<K extends string>(figures: Readonly<Record<K, readonly Part[]>>, random: Random): Record<K, Estimate> {
  const names = Object.keys(figures) as K[];
  const columns = names.map(name => columnOf(figures[name]));
  const records = columns[0]?.above.length ?? 0;
  const drawn = Uint32Array.from({ length: records }, (_, i) => i);
  const whole = columns.map(column => sums(column, drawn));
  const resampled = columns.map((): number[] => []);
  for (let n = 0; n < RESAMPLES; n++) {
    for (let i = 0; i < records; i++) drawn[i] = random(records);
    for (const [i, column] of columns.entries()) {
      const value = ratio(sums(column, drawn));
      if (value !== null) resampled[i]!.push(value);
    }
  }
  return Object.fromEntries(names.map((name, i) => [name, estimateOf(whole[i]!, resampled[i]!)])) as Record<K, Estimate>;
}

interface Column {
  readonly above: Float64Array;
  readonly below: Float64Array;
}

const columnOf = (parts: readonly Part[]): Column => ({ above: Float64Array.from(parts, part => part.above), below: Float64Array.from(parts, part => part.below) });

function sums({ above, below }: Column, drawn: Uint32Array): Part {
  const sum = { above: 0, below: 0 };
  for (let i = 0; i < drawn.length; i++) {
    sum.above += above[drawn[i]!]!;
    sum.below += below[drawn[i]!]!;
  }
  return sum;
}

const ratio = ({ above, below }: Part): number | null => below > NOTHING ? above / below : null;

/** A resample without the figure could be anything: it counts as lowest at the low end and as highest at the high one. */
function estimateOf(sum: Part, resampled: readonly number[]): Estimate {
  const value = ratio(sum);
  if (value === null) return { ...sum, value, low: null, high: null };
  const sorted = Float64Array.from(resampled).sort();
  const without = RESAMPLES - sorted.length;
  return { ...sum, value, low: sorted[TAIL - without] ?? null, high: sorted[RESAMPLES - 1 - TAIL] ?? null };
}
