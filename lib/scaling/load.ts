/** The calls in flight from what the replicas recorded: of those that did not report, nothing is known, least of all that they idle. */
import { ReplicaSample } from './seen';
import { State } from './state';

/** Longer without a word, the calls in flight are unknown; CloudWatch shows a minute within two. */
const STALE = 180_000;
const MINUTE_SECONDS = 60;
/** Fewer say too little about the others. */
const LEAST_SHARE = 0.5;

export const isFresh = (at: number, now: number): boolean => now - at < STALE;

export interface Calls {
  /** Where it is not known how many, those that were recorded are there all the same. */
  readonly atLeast: number;
  readonly known: boolean;
}

/**
 * Those that reported stand for all that were healthy throughout the minute: later ones were not to report, and to count
 * them would take a group that has just grown for one with more calls.
 */
export function callsInFlight(sample: ReplicaSample | undefined, replicas: State['replicas'], now: number): Calls {
  if (!sample || !isFresh(sample.at, now)) return { atLeast: 0, known: false };
  const recorded = sample.inFlightSeconds / MINUTE_SECONDS;
  const throughout = Object.values(replicas).filter(({ healthy, since }) => healthy && since <= sample.at - MINUTE_SECONDS * 1000).length;
  const due = throughout * MINUTE_SECONDS;
  if (sample.replicaSeconds <= 0 || sample.replicaSeconds < LEAST_SHARE * due) return { atLeast: recorded, known: false };
  // More than was due was recorded by one that is gone by now.
  return { atLeast: recorded * Math.max(1, due / sample.replicaSeconds), known: true };
}
