/**
 * From how many runs a month serving an open model on own instances costs less than the declared model APIs. Analytic,
 * and valid only below the capacity of the replicas it counts; where capacity is reached first, replicas are added.
 */
import { Declaration, SelfHostingDeclaration, WorkflowDeclaration, isGpuGroup } from '../contracts/declaration';
import { Decimal, HOURS_PER_MONTH, Range, decimal, sum } from '../money';
import { Price } from '../prices/price';
import { PriceOfModel, TokenCost, tokenCostOf } from './tokens-per-run';

export interface BreakEvenPoint {
  /** What own hosting is compared with. */
  readonly against: string;
  readonly apiUsdPerRun: Decimal;
  /** null: own hosting never pays, at any number of replicas. */
  readonly runsPerMonth: Decimal | null;
  readonly replicas: Decimal | null;
  /** Runs a month that those replicas hold, at the low, expected and high end of the declared throughput. */
  readonly capacityRunsPerMonth: Range | null;
}

export type BreakEven = {
  readonly instanceType: string;
  readonly fixedUsdPerMonth: Decimal;
  readonly minReplicas: number;
  /** false: no hourly rate is declared, so the fixed cost is without people. */
  readonly peopleCounted: boolean;
  readonly points: readonly BreakEvenPoint[];
} | { readonly instanceType: string; readonly unknown: string };

/** A fleet beyond this is no longer a question of break-even. */
const MOST_REPLICAS = 1000;

export function breakEvenOf(
  declaration: Declaration, tokens: readonly TokenCost[], lookup: (item: string) => Price, priceOf: PriceOfModel,
): BreakEven | null {
  const own = declaration.economics?.selfHosting;
  const { workflows } = declaration;
  // What runs on own GPUs already is compared by `ai-margin compare`.
  if (!own || workflows.length === 0 || workflows.some(w => w.servedBy.some(isGpuGroup))) return null;
  const { instanceType } = own;
  const unknown = tokens.flatMap(t => t.unknown)[0];
  if (unknown) return { instanceType, unknown };
  const price = lookup(`ec2/${instanceType}`);
  if (!price.known) return { instanceType, unknown: price.reason };

  const replicaUsd = price.tiers[0].usd.expected.times(HOURS_PER_MONTH);
  const peopleUsd = decimal(own.engineeringHoursPerMonth).times(declaration.economics?.engineering?.hourlyUsd ?? 0);
  const perReplica = runsPerReplica(own, workflows);
  const doubt = decimal(own.throughputUncertaintyPercent).div(100);
  const point = (against: string, apiUsdPerRun: Decimal): BreakEvenPoint => {
    const crossing = cheapestCrossing({ replicaUsd, peopleUsd, perReplica, minReplicas: own.minReplicas, apiUsdPerRun });
    const held = crossing.replicas && perReplica.times(crossing.replicas);
    const capacityRunsPerMonth = held && { low: held.times(decimal(1).minus(doubt)), expected: held, high: held.times(doubt.plus(1)) };
    return { against, apiUsdPerRun, ...crossing, capacityRunsPerMonth };
  };

  const points = [point('the declared models', blended(workflows, tokens))];
  if (own.hosted) {
    const hosted = { ...own.hosted, serviceTier: 'standard' as const, sharePercent: 100, premium: false };
    const costs = workflows.map(w => tokenCostOf({ ...w, servedBy: [hosted] }, priceOf));
    const missing = costs.flatMap(c => c.unknown)[0];
    if (missing) return { instanceType, unknown: missing };
    points.push(point(`${own.hosted.model} hosted by ${own.hosted.provider}`, blended(workflows, costs)));
  }
  return {
    instanceType, minReplicas: own.minReplicas, fixedUsdPerMonth: replicaUsd.times(own.minReplicas).plus(peopleUsd),
    peopleCounted: declaration.economics?.engineering !== undefined, points,
  };
}

/** Dollars per run over the mix of workflows. */
function blended(workflows: readonly WorkflowDeclaration[], costs: readonly TokenCost[]): Decimal {
  const runs = sum(workflows.map(w => decimal(w.runsPerMonth)));
  return sum(workflows.map((w, i) => costs[i]!.perRun.expected.times(w.runsPerMonth))).div(runs);
}

/** What one replica holds when the load keeps its declared shape: sized for the peak in tokens per second and in flight. */
function runsPerReplica(own: SelfHostingDeclaration, workflows: readonly WorkflowDeclaration[]): Decimal {
  const runs = sum(workflows.map(w => decimal(w.runsPerMonth)));
  const peakCalls = sum(workflows.map(w => decimal(w.peakConcurrency)));
  const peakTokens = sum(workflows.map(w => decimal(w.peakConcurrency).times(w.tokensPerCall.output).div(w.averageDurationSeconds)));
  const byCalls = runs.times(own.concurrencyPerReplica).div(peakCalls);
  if (peakTokens.isZero()) return byCalls;
  return Decimal.min(byCalls, runs.times(own.tokensPerSecondPerReplica).div(peakTokens));
}

interface Crossing {
  readonly replicaUsd: Decimal;
  readonly peopleUsd: Decimal;
  readonly perReplica: Decimal;
  readonly minReplicas: number;
  readonly apiUsdPerRun: Decimal;
}

/** Break-even volume = fixed / API price per run, on the first step of the staircase whose capacity reaches that far. */
function cheapestCrossing({ replicaUsd, peopleUsd, perReplica, minReplicas, apiUsdPerRun }: Crossing): { runsPerMonth: Decimal | null; replicas: Decimal | null } {
  const never = { runsPerMonth: null, replicas: null };
  const gain = apiUsdPerRun.times(perReplica).minus(replicaUsd);
  if (gain.lte(0)) return never;
  // n replicas hold n x perReplica runs; they pay when apiUsdPerRun x that covers n x replicaUsd + people.
  const replicas = Decimal.max(peopleUsd.div(gain).ceil(), minReplicas);
  if (replicas.gt(MOST_REPLICAS)) return never;
  return { runsPerMonth: replicas.times(replicaUsd).plus(peopleUsd).div(apiUsdPerRun), replicas };
}

export const isKnown = (b: BreakEven): b is Extract<BreakEven, { points: unknown }> => 'points' in b;
