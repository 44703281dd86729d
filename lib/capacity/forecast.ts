/** Instance hours a month of a GPU group, on spot and on demand: sized for its load curve, its floors and its starts. */
import { GpuGroup, PurchaseDeclaration } from '../contracts/gpu-group';
import { Decimal, HOURS_PER_MONTH, Range, ZERO, decimal, exactly, sum } from '../money';
import { FloorShare, floorShares } from '../scaling/floors';
import { loadDuration } from './load-duration';
import { concurrencyPerReplica, replicasForPeak } from './replicas';
import { ALL_PLATFORM, Split } from '../split';
import { CallShape } from './call-shape';

export interface GroupLoad {
  /** Calls in flight at the peak and on average. */
  readonly peak: Decimal;
  readonly average: Decimal;
  readonly call: CallShape;
}

export interface ReplicaHours {
  /** Instance hours a month. */
  readonly spot: Range;
  readonly onDemand: Range;
  readonly split: Split;
  /** Calls in flight at the peak that the group's maximum cannot hold. */
  readonly unserved: Decimal;
  readonly replicasAtPeak: Decimal;
  readonly note: string;
}

/** Of a month, each with one peak. */
export const WORKING_DAYS = 22;

/**
 * Share of the spot hours that spot does not deliver and on demand stands in for. A replay of 2023 V100 traces (45 days,
 * 4 replicas) held full capacity on spot alone 95.3 % of the time in us-west-2 and 68.8 % in us-east-1.
 */
const SHORTFALL = { low: decimal(0.05), expected: decimal(0.18), high: decimal(0.31) };

/** Hours a month of the replica of one rank: the first runs whenever any does, the last only at the peak. */
interface Rank {
  /** Perfect scaling to the load, in parts of a replica. */
  readonly low: Decimal;
  readonly expected: Decimal;
  readonly high: Decimal;
  /** Calls that are in flight, and whole replicas that are there for them; both within `expected`. */
  readonly work: Decimal;
  readonly demanded: Decimal;
  /** On demand while spot comes up, by a start or by an interruption: once a working day, or as often as bursts may come. */
  readonly bridge: { readonly expected: Decimal; readonly high: Decimal };
}

export function forecastReplicaHours(group: GpuGroup, load: GroupLoad | undefined): ReplicaHours {
  const calls = load ? concurrencyPerReplica(group, load.call).calls : 0;
  const known = load !== undefined && calls > 0;
  const floors = floorsOf(group);
  const peak = known ? replicasForPeak(group, load) : { needed: ZERO, unserved: load?.peak ?? ZERO };
  const replicasAtPeak = Decimal.min(Decimal.max(peak.needed, floors.highest), group.scaling.maxReplicas);
  const ranks = known ? ranksOf(group, load, { calls: decimal(calls), floors, count: replicasAtPeak.toNumber() }) : unknownRanks(group, floors);
  return {
    ...bought(group.purchase, ranks),
    split: known ? splitOf(ranks) : ALL_PLATFORM,
    unserved: peak.unserved,
    replicasAtPeak,
    note: known ? noteOf(group, calls) : `${load ? 'calls longer than a replica can take' : 'no load declared'}: between its floors and its maximum`,
  };
}

/** Reading a calendar of a year is slow, and a forecast of growth asks for each month of ten years. */
const CALENDARS = new WeakMap<GpuGroup['floors'], readonly FloorShare[]>();

interface Floors {
  readonly highest: number;
  /** Hours a month in which the replica of this rank is kept. */
  readonly hoursOf: (rank: number) => Decimal;
}

function floorsOf({ floors, scaling: { minReplicas } }: GpuGroup): Floors {
  const shares = CALENDARS.get(floors) ?? floorShares(floors, 0);
  CALENDARS.set(floors, shares);
  return {
    highest: Math.max(minReplicas, shares.at(-1)!.replicas),
    hoursOf: rank => rank <= minReplicas ? HOURS_PER_MONTH : hours(sum(shares.filter(({ replicas }) => replicas >= rank).map(({ share }) => decimal(share)))),
  };
}

interface Sizing {
  /** That one replica holds. */
  readonly calls: Decimal;
  readonly floors: Floors;
  /** Replicas that run at some time of the month. */
  readonly count: number;
}

/** The floors stand at the busy hours, so a replica that a floor keeps is also the one that the load asks for. */
function ranksOf(group: GpuGroup, load: GroupLoad, { calls, floors, count }: Sizing): Rank[] {
  const curve = loadDuration(load);
  const started = startHours(group.coldStartSeconds + group.scaling.idleHoldSeconds);
  const bridged = startHours(bridgeSeconds(group));
  const bursts = burstHours(group);
  return Array.from({ length: count }, (_, i) => {
    const below = calls.times(i);
    const work = hours(curve.meanUpTo(below.plus(calls)).minus(curve.meanUpTo(below)).div(calls));
    const demanded = hours(curve.shareAbove(below));
    const floor = floors.hoursOf(i + 1);
    const isDemanded = demanded.gt(0);
    const expected = Decimal.min(Decimal.max(demanded, floor).plus(isDemanded ? started : ZERO), HOURS_PER_MONTH);
    return {
      work, demanded,
      low: Decimal.max(work, floor),
      expected,
      high: HOURS_PER_MONTH,
      bridge: isDemanded ? { expected: Decimal.min(bridged, expected), high: bursts } : { expected: ZERO, high: ZERO },
    };
  });
}

/** Nobody knows what is asked of it: the floors at least, the maximum at most. */
const unknownRanks = (group: GpuGroup, floors: Floors): Rank[] => Array.from({ length: group.scaling.maxReplicas }, (_, i) => {
  const floor = floors.hoursOf(i + 1);
  return { work: ZERO, demanded: ZERO, low: floor, expected: floor, high: HOURS_PER_MONTH, bridge: { expected: ZERO, high: burstHours(group) } };
});

const hours = (share: Decimal): Decimal => Decimal.min(share, 1).times(HOURS_PER_MONTH);
const startHours = (seconds: number): Decimal => decimal(seconds).times(WORKING_DAYS).div(3600);

/** On demand is there from the call for a replica until spot, once ready, has been stable for the hold. */
const bridgeSeconds = ({ purchase, coldStartSeconds }: GpuGroup): number => coldStartSeconds + (purchase.kind === 'spotWithFallback' ? purchase.holdSeconds : 0);

/** Peak and average do not say how often a load bursts: at most, each replica starts once in every hour of the month. */
const burstHours = (group: GpuGroup): Decimal => hours(decimal(bridgeSeconds(group)).div(3600));

/** The base is on demand; of the rest, what spot does not deliver, and what bridges the start of a replica. */
function bought(purchase: PurchaseDeclaration, ranks: readonly Rank[]): Pick<ReplicaHours, 'spot' | 'onDemand'> {
  if (purchase.kind === 'onDemand') return { spot: exactly(0), onDemand: totalOf(ranks) };
  if (purchase.kind === 'spotOnly') return { spot: totalOf(ranks), onDemand: exactly(0) };
  const base = totalOf(ranks.slice(0, purchase.onDemandBase));
  const rest = ranks.slice(purchase.onDemandBase);
  const wanted = totalOf(rest);
  const standIn = totalOf(rest.map(standInHours));
  const short = { low: wanted.low.times(SHORTFALL.low), expected: wanted.expected.times(SHORTFALL.expected), high: wanted.high.times(SHORTFALL.high) };
  const delivered = wanted.expected.minus(short.expected);
  return {
    // A worse shortfall means fewer spot hours: where nothing else differs, only on demand moves.
    spot: {
      low: Decimal.min(wanted.low.minus(short.low), delivered), expected: delivered, high: Decimal.max(wanted.high.minus(short.high), delivered),
    },
    onDemand: totalOf([base, standIn]),
  };
}

/** For one replica on spot there is never more than one on demand. */
const standInHours = ({ low, expected, high, bridge }: Rank): Range => ({
  low: low.times(SHORTFALL.low),
  expected: Decimal.min(expected.times(SHORTFALL.expected).plus(bridge.expected), HOURS_PER_MONTH),
  high: Decimal.min(high.times(SHORTFALL.high).plus(bridge.high), HOURS_PER_MONTH),
});

const totalOf = (ranks: readonly Range[]): Range => ({
  low: sum(ranks.map(rank => rank.low)), expected: sum(ranks.map(rank => rank.expected)), high: sum(ranks.map(rank => rank.high)),
});

/** Work is the calls in flight, headroom what whole replicas hold beyond them, idle what floors, holds and cold starts add. */
function splitOf(ranks: readonly Rank[]): Split {
  const { expected } = totalOf(ranks);
  if (expected.isZero()) return ALL_PLATFORM;
  const work = sum(ranks.map(rank => rank.work));
  const demanded = sum(ranks.map(rank => rank.demanded));
  return {
    work: work.div(expected), headroom: demanded.minus(work).div(expected), idle: expected.minus(demanded).div(expected), replication: ZERO, platform: ZERO,
  };
}

function noteOf({ purchase, coldStartSeconds }: GpuGroup, calls: number): string {
  const spot = purchase.kind === 'spotWithFallback'
    ? `; on demand stands in for ${SHORTFALL.low.times(100).toFixed()} to ${SHORTFALL.high.times(100).toFixed()} % of the spot hours and for starts, at most one an hour` : '';
  return `${calls} calls a replica, a load between its average and its peak in a straight line, `
    + `one peak on each of ${WORKING_DAYS} working days with starts of ${coldStartSeconds} s${spot}`;
}
