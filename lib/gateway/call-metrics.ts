/**
 * What CloudWatch is told of the calls: sums and samples since the last flush, per workflow, per tier and of the gateway itself,
 * one line each. A process's memory of it is bounded by the configuration, not by the calls.
 */
import { GATEWAY_DIMENSIONS, GATEWAY_METRICS, GATEWAY_NAMESPACE, GatewayDimension, GatewayMetric, gatewayMetricsBy } from '../contracts/metrics';
import { UsageRecord } from '../contracts/usage-record';
import { emf } from '../emf';
import { Histogram } from './histogram';
import { RefusalCode } from './refusal';

/** The format takes no more values of a metric in one line. */
const SAMPLE = 100;

/** What is not told by the usage records. */
export type CountedMetric = 'StoreFailures' | 'UncountedCalls' | 'ConfigRefused';

const BUDGET_REFUSALS: readonly (string | null)[] = ['budget_throttled', 'budget_exhausted', 'budget_store_unavailable'] satisfies RefusalCode[];

/** The sums and the sample of one workflow, tier or gateway. */
class Tally {
  private readonly sums = new Map<GatewayMetric, number>();
  private readonly samples = new Map<GatewayMetric, Histogram>();

  public add(metric: GatewayMetric, amount: number): void {
    this.sums.set(metric, (this.sums.get(metric) ?? 0) + amount);
  }

  public sample(metric: GatewayMetric, value: number): void {
    let histogram = this.samples.get(metric);
    if (histogram === undefined) this.samples.set(metric, histogram = new Histogram());
    histogram.add(value);
  }

  public value(metric: GatewayMetric): number | readonly number[] | undefined {
    return this.sums.get(metric) ?? this.samples.get(metric)?.values(SAMPLE);
  }
}

export class CallMetrics {
  private workflows = new Map<string, Tally>();
  private tiers = new Map<string, Tally>();
  private own: Tally | undefined;

  public constructor(private readonly gatewayId: string) {}

  public add(record: UsageRecord): void {
    if (BUDGET_REFUSALS.includes(record.error) && record.shadowOf === null) this.ofGateway('BudgetRefusals', 1);
    if (isRefused(record)) return;
    if (record.workflow !== null) addCall(tallyOf(this.workflows, record.workflow), record);
    if (record.tier !== null) addTokens(tallyOf(this.tiers, record.tier), record);
    if (record.tier !== null && record.firstEventMs !== null) tallyOf(this.tiers, record.tier).sample('FirstEventMs', record.firstEventMs);
    if (record.otherAnswer !== null) addTokens(tallyOf(this.tiers, record.otherAnswer.tier), record.otherAnswer);
    if (record.costUsd === null) this.ofGateway('UnknownCostCalls', 1);
  }

  public count(metric: CountedMetric, amount: number): void {
    this.ofGateway(metric, amount);
  }

  /** Lines of what was seen since the last flush; none of what was not. Milliseconds since 1970. */
  public flush(timestamp: number): string[] {
    const line = (dimension: GatewayDimension, values: readonly string[], tally: Tally): string => emf({
      namespace: GATEWAY_NAMESPACE,
      dimensions: Object.fromEntries(GATEWAY_DIMENSIONS[dimension].map((name, i) => [name, values[i]!])),
      timestamp,
      metrics: gatewayMetricsBy(dimension).flatMap(name => {
        const value = tally.value(name);
        return value === undefined ? [] : [{ name, unit: GATEWAY_METRICS[name].unit, value }];
      }),
    });
    const lines = [
      ...[...this.workflows].map(([id, tally]) => line('Workflow', [this.gatewayId, id], tally)),
      ...[...this.tiers].map(([id, tally]) => line('Tier', [this.gatewayId, id], tally)),
      ...this.own === undefined ? [] : [line('Gateway', [this.gatewayId], this.own)],
    ];
    this.workflows = new Map();
    this.tiers = new Map();
    this.own = undefined;
    return lines;
  }

  private ofGateway(metric: CountedMetric | 'BudgetRefusals' | 'UnknownCostCalls', amount: number): void {
    this.own ??= new Tally();
    this.own.add(metric, amount);
  }
}

function tallyOf(tallies: Map<string, Tally>, id: string): Tally {
  let tally = tallies.get(id);
  if (tally === undefined) tallies.set(id, tally = new Tally());
  return tally;
}

/** Refused for what it is or for its budget: no call of the workflow, else a client that tries again and again would change its shares. */
const isRefused = ({ outcome, status }: UsageRecord): boolean => outcome === 'refused' && status < 500;

/** Not answered, and not by the client's fault: neither has it left, nor is its request wrong (which an upstream may find, too). */
function isError({ outcome, status }: UsageRecord): boolean {
  return outcome === 'cut-short' || (outcome === 'upstream-failed' && (status >= 500 || status === 429)) || outcome === 'refused';
}

function addCall(tally: Tally, record: UsageRecord): void {
  tally.add('CostUsd', Number(record.costUsd ?? 0));
  tally.add('PremiumCalls', record.premiumCalls);
  // What is asked to compare costs, and is no call that anybody waits for.
  if (record.shadowOf !== null) return;
  tally.add('Calls', 1);
  tally.add('Runs', record.runs);
  tally.add('RevenueUsd', Number(record.revenueUsd));
  tally.add('SavedUsd', Number(record.savedUsd));
  tally.add('Errors', isError(record) ? 1 : 0);
  if (record.outcome === 'answered') tally.sample('LatencyMs', record.latencyMs);
}

function addTokens(tally: Tally, { tokens }: Pick<UsageRecord, 'tokens'>): void {
  tally.add('InputTokens', tokens.input);
  tally.add('CacheReadTokens', tokens.cacheRead);
  tally.add('CacheWriteTokens', tokens.cacheWrite);
  tally.add('OutputTokens', tokens.output);
  tally.add('ReasoningTokens', tokens.reasoning);
}
