/** A group to decide about, and what was seen of it, in as few words as a test needs. */
import { Policy } from '../../../lib/scaling/policy';
import { Replica, ReplicaSample, Seen, SeenGroup, inService } from '../../../lib/scaling/seen';

export const NOON = Date.UTC(2026, 4, 13, 12);
export const MINUTE = 60_000;

export const FALLBACK: Policy = {
  scaling: { minReplicas: 1, maxReplicas: 10, targetConcurrencyPerReplica: 32, idleHoldSeconds: 600 },
  floors: [],
  purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
  instances: [{ type: 'g6e.xlarge', onDemandUsdPerHour: 1.861 }],
  coldStartSeconds: 300,
};

export const replica = (id: string, but: Partial<Replica> = {}): Replica => ({ id, lifecycle: 'inService', healthy: true, draining: false, ...but });
export const replicas = (prefix: string, count: number): Replica[] => Array.from({ length: count }, (_, i) => replica(`${prefix}${i}`));
export const group = (desired: number, members: readonly Replica[]): SeenGroup => ({ desired, zones: ['a'], replicas: members });

/** `calls` in flight in the minute before `at`, of which so many replicas reported. */
export const sample = (at: number, calls: number, reporting: number): ReplicaSample =>
  ({ at, inFlightSeconds: calls * 60, replicaSeconds: reporting * 60 });

/** `calls` in flight, as every healthy replica said at `at`. */
export const seenAt = (at: number, calls: number, spot: SeenGroup, onDemand: SeenGroup, but: Partial<Seen> = {}): Seen => {
  const reporting = inService({ spot, onDemand }).filter(({ healthy }) => healthy).length;
  return { spot, onDemand, signals: { inFlight: sample(at, calls, reporting), refused: 0 }, deploying: false, facts: [], ...but };
};
