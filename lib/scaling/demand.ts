/** How many replicas are wanted now: for the calls in flight, for the scheduled floors, within the limits. */
import { floorAt } from './floors';
import { callsInFlight, isFresh } from './load';
import { Policy } from './policy';
import { Seen, inService } from './seen';
import { State } from './state';
import { Window, advance, hold, peak } from './window';

export interface Demand {
  readonly replicas: number;
  readonly floor: number;
  readonly limit: number;
  readonly load: Window;
  /** Replicas serve, and nobody tells how many calls they have. */
  readonly blind: boolean;
}

export function demandNow(policy: Policy, state: State, seen: Seen, now: number): Demand {
  const { minReplicas, maxReplicas } = policy.scaling;
  const { load, blind } = loadNow(policy, state, seen, now);
  const floor = floorAt(policy.floors, minReplicas, new Date(now));
  const limit = state.capUntil === undefined ? maxReplicas : Math.min(maxReplicas, policy.spendCapReplicas ?? maxReplicas);
  const wanted = Math.min(limit, Math.max(peak(load), floor));
  // A daemon service with a minimum healthy share cannot stop its only replica to update it: not even under a cap of one.
  const rolling = seen.deploying && wanted >= 1 ? Math.min(maxReplicas, 2) : 0;
  return { replicas: Math.max(wanted, rolling), floor, limit, load, blind };
}

function loadNow({ scaling }: Policy, state: State, seen: Seen, now: number): Pick<Demand, 'load' | 'blind'> {
  const { callerInFlight, refused } = seen.signals;
  const serving = inService(seen).filter(({ healthy, draining }) => healthy && !draining);
  const inFlight = callsInFlight(seen.signals.inFlight, state.replicas, now);
  const told = Math.max(inFlight.atLeast, callerInFlight && isFresh(callerInFlight.at, now) ? callerInFlight.calls : 0);
  // With no replica the metrics of vLLM vanish, and only refused calls tell that somebody waits.
  const waiting = serving.length === 0 && refused !== 0;
  const value = Math.max(Math.ceil(told / scaling.targetConcurrencyPerReplica), waiting && refused !== undefined ? 1 : 0);
  const unknown = !inFlight.known && (serving.length > 0 || waiting);
  // Without a memory, the replicas that run may well be needed: they go after the hold.
  const before = state.load.length > 0 ? state.load : [{ value: inService(seen).length, at: now }];
  return {
    load: unknown ? hold(before, { now, atLeast: value }) : advance(before, { now, holdSeconds: scaling.idleHoldSeconds, value }),
    // One that has just become ready has not had the time to report.
    blind: !inFlight.known && serving.some(({ id }) => !isFresh(state.replicas[id]!.since, now)),
  };
}
