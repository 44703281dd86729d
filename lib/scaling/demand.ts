/** How many replicas are wanted now: for the calls in flight, for the scheduled floors, within the limits. */
import { floorAt } from './floors';
import { Policy } from './policy';
import { Sample, Seen, Signals } from './seen';
import { State } from './state';
import { Window, advance, peak } from './window';

/** Longer without a word, the calls in flight are unknown; CloudWatch shows a minute within two. */
const STALE = 180_000;

export interface Demand {
  readonly replicas: number;
  readonly floor: number;
  readonly limit: number;
  readonly load: Window;
}

export function demandNow(policy: Policy, state: State, seen: Seen, now: number): Demand {
  const { minReplicas, maxReplicas, idleHoldSeconds, targetConcurrencyPerReplica } = policy.scaling;
  const replicas = [...seen.spot?.replicas ?? [], ...seen.onDemand?.replicas ?? []].filter(({ lifecycle }) => lifecycle === 'inService');
  // Without a memory, the replicas that run may well be needed: they go after the hold.
  const before = state.load.length > 0 ? state.load : [{ value: replicas.length, at: now }];
  const value = replicasForLoad(seen.signals, {
    now, target: targetConcurrencyPerReplica, kept: peak(before), serving: replicas.some(({ healthy, draining }) => healthy && !draining),
  });
  const load = advance(before, { now, holdSeconds: idleHoldSeconds, value });
  const floor = floorAt(policy.floors, minReplicas, new Date(now));
  const limit = state.capUntil === undefined ? maxReplicas : Math.min(maxReplicas, policy.spendCapReplicas ?? maxReplicas);
  const wanted = Math.min(limit, Math.max(peak(load), floor));
  // A daemon service with a minimum healthy share cannot stop its only replica to update it.
  const rolling = seen.deploying && wanted >= 1 ? Math.min(limit, 2) : 0;
  return { replicas: Math.max(wanted, rolling), floor, limit, load };
}

interface Circumstances {
  readonly now: number;
  readonly target: number;
  /** What was wanted so far. */
  readonly kept: number;
  /** Some replica answers. */
  readonly serving: boolean;
}

function replicasForLoad(signals: Signals | undefined, { now, target, kept, serving }: Circumstances): number {
  if (!signals) return kept;
  const fresh = (sample: Sample | undefined): number | undefined =>
    sample && now - sample.at < STALE && sample.calls >= 0 ? sample.calls : undefined;
  const inFlight = fresh(signals.inFlight);
  const replicas = Math.ceil(Math.max(inFlight ?? 0, fresh(signals.callerInFlight) ?? 0) / target);
  // With no replica the metrics of vLLM vanish, and only refused calls tell that somebody waits.
  const refused = !serving && signals.refused > 0;
  const unknown = inFlight === undefined && (serving || refused);
  return Math.max(replicas, refused ? 1 : 0, unknown ? kept : 0);
}
