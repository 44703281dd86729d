/** What a decision is made from: the group as it was just read, and what events told. No AWS types, so that a simulator can say it too. */
import { z } from 'zod';

/** One instance; it carries one replica. */
export interface Replica {
  readonly id: string;
  /** `leaving`: being drained or terminated by its group. */
  readonly lifecycle: 'launching' | 'inService' | 'leaving';
  /** As the load balancer sees it. */
  readonly healthy: boolean;
  /** Its container instance takes no new tasks. */
  readonly draining: boolean;
}

export interface SeenGroup {
  readonly desired: number;
  readonly zones: readonly string[];
  readonly replicas: readonly Replica[];
}

export interface Sample {
  /** End of the minute it was measured over, in ms. */
  readonly at: number;
  readonly calls: number;
}

/** What all replicas recorded of one minute. Some may not have: how many should have, only a decision knows. */
export interface ReplicaSample {
  /** End of the minute, in ms. */
  readonly at: number;
  /** Calls running or waiting in vLLM, times seconds. */
  readonly inFlightSeconds: number;
  /** Seconds that the records cover, of all replicas. */
  readonly replicaSeconds: number;
}

/** Each undefined where nobody reported, or where it could not be read: which is not the same as no calls. */
export interface Signals {
  readonly inFlight?: ReplicaSample;
  /** Calls in flight as the callers see them. */
  readonly callerInFlight?: Sample;
  /** Calls that the load balancer refused in the last minutes. */
  readonly refused?: number;
}

export interface SpotPrice {
  readonly type: string;
  readonly zone: string;
  readonly usdPerHour: number;
}

const at = z.number();
const text = z.string().min(1);

/** What an event told, or a look at the scaling activities. Each may come late, twice or never. */
export const factSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('interruption'), instance: text, at }),
  z.strictObject({ kind: z.literal('rebalance'), instance: text, at }),
  /** `id` is that of the scaling activity: the event and the activity tell the same failure. */
  z.strictObject({ kind: z.literal('launchFailure'), group: z.enum(['spot', 'onDemand']), id: text, quota: z.boolean(), at }),
  z.strictObject({ kind: z.literal('spendCap'), at }),
]);
export type Fact = z.infer<typeof factSchema>;
export type LaunchFailure = Extract<Fact, { kind: 'launchFailure' }>;

export interface Seen {
  /** Which groups exist follows the purchase. */
  readonly spot?: SeenGroup;
  readonly onDemand?: SeenGroup;
  readonly signals: Signals;
  /** A new version of the service replaces an older one; undefined where that could not be read. */
  readonly deploying?: boolean;
  /** undefined where they were not read just now. */
  readonly spotPrices?: readonly SpotPrice[];
  readonly facts: readonly Fact[];
}

/** Of both groups. */
export const inService = ({ spot, onDemand }: Pick<Seen, 'spot' | 'onDemand'>): Replica[] =>
  [...spot?.replicas ?? [], ...onDemand?.replicas ?? []].filter(({ lifecycle }) => lifecycle === 'inService');
