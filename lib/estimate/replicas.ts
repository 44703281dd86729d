/** How many replicas a group runs for a load: a staircase, and what each step is for. */
import { CapacityDeclaration } from '../contracts/declaration';
import { Decimal, Range, ZERO, decimal, exactly } from '../money';
import { ALL_PLATFORM, Split } from '../split';
import { ReplicaBounds } from './charge';

export interface Load {
  /** Calls in flight at the peak and on average, over all workflows of the stack, at the scale asked for. */
  readonly peak: Decimal;
  readonly average: Decimal;
}

export interface ReplicaPlan {
  readonly count: Range;
  readonly split: Split;
  /** Calls in flight at the peak that the group's maximum cannot hold. */
  readonly unserved: Decimal;
  /** Between which bounds nobody can tell how many run; undefined where capacity is declared or the bounds are one. */
  readonly undeclared?: string;
}

/**
 * With declared capacity the group is sized for its peak: max(needed, kept for availability), within its bounds. Low is
 * perfect scaling to the average. Without, the template's bounds are the range and nothing is known of its use.
 */
export function planReplicas(group: ReplicaBounds, capacity: CapacityDeclaration | undefined, load: Load | undefined): ReplicaPlan {
  if (!capacity || !load) {
    const [min, max] = [Math.min(group.min, group.max), Math.max(group.min, group.max)];
    const expected = Math.min(Math.max(group.desired, min), max);
    return {
      count: { low: decimal(min), expected: decimal(expected), high: decimal(max) },
      split: ALL_PLATFORM, unserved: ZERO, undeclared: min < max ? `${min} to ${max}` : undefined,
    };
  }
  const clamp = (n: Decimal): Decimal => Decimal.min(Decimal.max(n, group.min), group.max);
  const needed = load.peak.div(capacity.concurrencyPerReplica).ceil();
  const count = clamp(Decimal.max(needed, capacity.highlyAvailableReplicas));
  const atAverage = clamp(Decimal.max(load.average.div(capacity.concurrencyPerReplica).ceil(), capacity.highlyAvailableReplicas));
  return {
    count: { ...exactly(count), low: Decimal.min(atAverage, count) },
    split: splitReplicas(count, needed, load.average.div(capacity.concurrencyPerReplica), capacity.highlyAvailableReplicas),
    unserved: Decimal.max(load.peak.minus(count.times(capacity.concurrencyPerReplica)), ZERO),
  };
}

/** Work is the average load, headroom is from there to the peak, replication from the peak to availability, the rest idles. */
function splitReplicas(count: Decimal, needed: Decimal, average: Decimal, available: number): Split {
  if (count.isZero()) return ALL_PLATFORM;
  const work = Decimal.min(average, count);
  const upToPeak = Decimal.max(Decimal.min(needed, count), work);
  const upToAvailable = Decimal.max(Decimal.min(decimal(available), count), upToPeak);
  return {
    work: work.div(count),
    headroom: upToPeak.minus(work).div(count),
    replication: upToAvailable.minus(upToPeak).div(count),
    idle: count.minus(upToAvailable).div(count),
    platform: ZERO,
  };
}
