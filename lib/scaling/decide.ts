/**
 * The scaling decision: demand to replicas, and what spot does not cover to on demand. Pure, so that the controller, the
 * simulator and the tests run the same. Only spot that is ready counts: spot that launches may never come.
 */
import { GPU_METRICS } from '../contracts/metrics';
import { Demand, demandNow } from './demand';
import { Memory, remember } from './memory';
import { Policy } from './policy';
import { spotIsCheap } from './price-guard';
import { toReplace, unhealthy } from './replace';
import { Replica, Seen, SeenGroup } from './seen';
import { State } from './state';
import { advance, peak } from './window';

/** Prices of pools change slowly; older than this they are unknown. */
const PRICES_KEPT = 15 * 60_000;

export type ControllerMetric<M extends keyof typeof GPU_METRICS = keyof typeof GPU_METRICS> = M extends unknown
  ? (typeof GPU_METRICS)[M]['emitter'] extends 'capacity-controller' ? M : never : never;
/** What failed, and the sizes that the groups were really told, only acting on a decision shows. */
export type DecisionMetric = Exclude<ControllerMetric, 'FailedActions' | 'DesiredSpot' | 'DesiredOnDemand'>;

export interface Decision {
  /** undefined where the purchase has no such group. */
  readonly spotDesired?: number;
  readonly onDemandDesired?: number;
  /** Instances that will be interrupted and still take new calls. */
  readonly drain: readonly string[];
  /** Instances to be replaced, at most one. */
  readonly retire: readonly string[];
  /** Replicas serve, and nobody tells how many calls they have. */
  readonly blind: boolean;
  readonly state: State;
  readonly metrics: Readonly<Record<DecisionMetric, number>>;
  /** Why a size changes. */
  readonly reasons: readonly string[];
}

export function decide(policy: Policy, before: State, seen: Seen, at: Date): Decision {
  const now = at.getTime();
  const memory = remember(before, seen, now);
  const { notices } = memory.state;
  const demand = demandNow(policy, memory.state, seen, now);
  const ready = {
    spot: seen.spot?.replicas.filter(replica => isReady(replica) && !notices[replica.id]).length ?? 0,
    onDemand: seen.onDemand?.replicas.filter(isReady).length ?? 0,
  };
  const refusal = whyNoMoreSpot(policy, memory.state, now);
  const spotDesired = seen.spot && spotSize(policy, demand, seen.spot, refusal);
  const onDemand = seen.onDemand && onDemandSize(policy, demand, memory.state, seen.onDemand, { ready: ready.spot, now });
  const spareSpot = refusal === undefined && ready.spot + ready.onDemand >= demand.replicas;
  return {
    ...spotDesired !== undefined && { spotDesired },
    ...onDemand && { onDemandDesired: onDemand.desired },
    drain: (seen.spot?.replicas ?? []).filter(({ id, draining }) => notices[id]?.kind === 'interruption' && !draining).map(({ id }) => id),
    retire: toReplace(policy, seen, { state: memory.state, spotDesired, onDemandDesired: onDemand?.desired, spareSpot, now }),
    blind: demand.blind,
    state: { ...memory.state, load: demand.load, shortfall: onDemand?.shortfall ?? [] },
    metrics: {
      Ticks: 1, Demand: demand.replicas, Floor: demand.floor, Maximum: demand.limit,
      ReadySpot: ready.spot, ReadyOnDemand: ready.onDemand,
      Unhealthy: unhealthy(policy, memory.state, seen, now),
      SpotLaunchFailures: memory.newFailures.spot, OnDemandLaunchFailures: memory.newFailures.onDemand,
    },
    reasons: reasonsFor({ seen, demand, ready, refusal, spotDesired, onDemandDesired: onDemand?.desired, memory }),
  };
}

const isReady = ({ lifecycle, healthy, draining }: Replica): boolean => lifecycle === 'inService' && healthy && !draining;
const baseOf = ({ purchase }: Policy): number => purchase.kind === 'spotWithFallback' ? purchase.onDemandBase : 0;

/** Only where on demand stands in. A group of spot alone keeps trying: nothing else would serve. */
function whyNoMoreSpot({ purchase, instances }: Policy, { cooldown, spotPrices }: State, now: number): string | undefined {
  if (purchase.kind !== 'spotWithFallback') return undefined;
  if (cooldown && cooldown.until > now) return `no more spot until ${new Date(cooldown.until).toISOString()}, as launches failed`;
  const pools = spotPrices && now - spotPrices.at < PRICES_KEPT ? spotPrices.pools : [];
  return spotIsCheap(pools, instances, purchase.maxSpotPricePercent) ? undefined : `no more spot, as no pool is under ${purchase.maxSpotPricePercent}% of on demand`;
}

/**
 * Refused, no more spot is bought, but what runs stays: running spot is never dearer than on demand, and to stop ready
 * replicas because another launch failed would widen the outage. Noticed instances count until they are gone: a group
 * told to shrink by one stops an instance of its own choice, mostly a ready one.
 */
function spotSize(policy: Policy, demand: Demand, { replicas }: SeenGroup, refusal: string | undefined): number {
  const wanted = Math.max(0, demand.replicas - baseOf(policy));
  return refusal === undefined ? wanted : Math.min(wanted, replicas.filter(({ lifecycle }) => lifecycle !== 'leaving').length);
}

function onDemandSize(
  policy: Policy, { replicas }: Demand, state: State, { desired }: SeenGroup, { ready, now }: { readonly ready: number; readonly now: number },
): { desired: number; shortfall: State['shortfall'] } {
  if (policy.purchase.kind !== 'spotWithFallback') return { desired: replicas, shortfall: [] };
  const base = baseOf(policy);
  const value = Math.min(replicas, base + Math.max(0, replicas - base - ready));
  // Without a memory, what runs on demand may still be needed: it goes after the hold.
  const before = state.shortfall.length > 0 ? state.shortfall : [{ value: desired, at: now }];
  const shortfall = advance(before, { now, holdSeconds: policy.purchase.holdSeconds, value });
  return { desired: Math.min(replicas, peak(shortfall)), shortfall };
}

interface Outcome {
  readonly seen: Seen;
  readonly demand: Demand;
  readonly ready: { readonly spot: number; readonly onDemand: number };
  readonly refusal: string | undefined;
  readonly spotDesired: number | undefined;
  readonly onDemandDesired: number | undefined;
  readonly memory: Memory;
}

function reasonsFor({ seen, demand, ready, refusal, spotDesired, onDemandDesired, memory }: Outcome): string[] {
  const { capUntil } = memory.state;
  const why = [
    `demand ${demand.replicas}`, `load ${peak(demand.load)}`, `floor ${demand.floor}`, `limit ${demand.limit}`, `${ready.spot} spot ready`,
    ...refusal === undefined ? [] : [refusal],
    ...capUntil === undefined ? [] : [`spend cap until ${new Date(capUntil).toISOString()}`],
  ].join(', ');
  const change = (group: string, from: number | undefined, to: number | undefined): string[] => from === to ? [] : [`${group} ${from} -> ${to}: ${why}`];
  return [...change('spot', seen.spot?.desired, spotDesired), ...change('on demand', seen.onDemand?.desired, onDemandDesired)];
}
