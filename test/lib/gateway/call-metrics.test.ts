/** Metrics of calls: whatever the moments of the flushes, they add up to the records; and nobody is told apart who must not be. */
import fc from 'fast-check';
import { GATEWAY_METRICS, GATEWAY_NAMESPACE, GatewayMetric, gatewayMetricsBy } from '../../../lib/contracts/metrics';
import { UsageRecord } from '../../../lib/contracts/usage-record';
import { CallMetrics } from '../../../lib/gateway/call-metrics';
import { anyRecord, recordOf } from './usage-records';

type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: GatewayMetric; Unit: string }[] };
type Line = { _aws: { Timestamp: number; CloudWatchMetrics: Directive[] } } & Record<string, unknown>;

const flushed = (metrics: CallMetrics): Line[] => metrics.flush(1_795_110_000_000).map(line => JSON.parse(line) as Line);
const of = (...records: readonly UsageRecord[]): Line[] => {
  const metrics = new CallMetrics('main');
  for (const record of records) metrics.add(record);
  return flushed(metrics);
};
const sum = (lines: readonly Line[], metric: GatewayMetric): number => lines.reduce((total, line) => total + Number(line[metric] ?? 0), 0);

test('a call, line by line', () => {
  const [workflow, tier, ...others] = of(recordOf({ premiumCalls: 1, savedUsd: '0.002' }));
  expect(others).toEqual([]);
  expect(workflow).toEqual({
    _aws: {
      Timestamp: 1_795_110_000_000,
      CloudWatchMetrics: [{
        Namespace: GATEWAY_NAMESPACE, Dimensions: [['Gateway', 'Workflow']],
        Metrics: gatewayMetricsBy('Workflow').map(name => ({ Name: name, Unit: GATEWAY_METRICS[name].unit })),
      }],
    },
    Gateway: 'main', Workflow: 'DraftNote', Calls: 1, Runs: 1, CostUsd: 0.0045, RevenueUsd: 0.08, PremiumCalls: 1, SavedUsd: 0.002, Errors: 0, LatencyMs: [expect.closeTo(2812, -2)],
  });
  expect(tier).toMatchObject({
    Gateway: 'main', Tier: 'Small', InputTokens: 3200, CacheReadTokens: 1024, CacheWriteTokens: 0, OutputTokens: 700, ReasoningTokens: 0, FirstEventMs: [expect.closeTo(143, -1)],
  });
});

test.each<[string, Partial<UsageRecord>, { Calls: number; Errors: number; BudgetRefusals?: number }]>([
  ['answered', {}, { Calls: 1, Errors: 0 }],
  ['left by its client', { outcome: 'client-gone' }, { Calls: 1, Errors: 0 }],
  ['cut short', { outcome: 'cut-short' }, { Calls: 1, Errors: 1 }],
  ['without any upstream', { outcome: 'upstream-failed', status: 503, error: 'upstream_failed' }, { Calls: 1, Errors: 1 }],
  ['too many for the upstream', { outcome: 'upstream-failed', status: 429 }, { Calls: 1, Errors: 1 }],
  ['wrong, as the upstream found', { outcome: 'upstream-failed', status: 400 }, { Calls: 1, Errors: 0 }],
  ['wrong', { outcome: 'refused', status: 400, error: 'invalid_request' }, { Calls: 0, Errors: 0 }],
  ['too many for its key', { outcome: 'refused', status: 429, error: 'rate_limit_exceeded' }, { Calls: 0, Errors: 0 }],
  ['beyond its budget', { outcome: 'refused', status: 402, error: 'budget_exhausted' }, { Calls: 0, Errors: 0, BudgetRefusals: 1 }],
  ['without a store to ask', { outcome: 'refused', status: 503, error: 'budget_store_unavailable' }, { Calls: 1, Errors: 1, BudgetRefusals: 1 }],
])('a call %s', (_, call, expected) => {
  const lines = of(recordOf(call));
  expect({ Calls: sum(lines, 'Calls'), Errors: sum(lines, 'Errors') }).toEqual({ Calls: expected.Calls, Errors: expected.Errors });
  expect(sum(lines, 'BudgetRefusals')).toBe(expected.BudgetRefusals ?? 0);
});

test('what costs who knows what is no $0 in silence', () => {
  expect(sum(of(recordOf({ costUsd: null, unknownCost: 'sold as flex' })), 'UnknownCostCalls')).toBe(1);
});

test('the gateway\'s own counts', () => {
  const metrics = new CallMetrics('main');
  metrics.count('StoreFailures', 2);
  metrics.count('StoreFailures', 1);
  metrics.count('UncountedCalls', 5);
  expect(flushed(metrics)).toEqual([expect.objectContaining({ Gateway: 'main', StoreFailures: 3, UncountedCalls: 5 })]);
  expect(flushed(metrics)).toEqual([]);
});

test('who had no call since writes nothing', () => {
  const metrics = new CallMetrics('main');
  expect(flushed(metrics)).toEqual([]);
  metrics.add(recordOf({}));
  metrics.add(recordOf({ workflow: 'Summary', tier: 'Premium' }));
  expect(flushed(metrics)).toHaveLength(4);
  metrics.add(recordOf({}));
  metrics.add(recordOf({ workflow: 'Summary', outcome: 'refused', status: 429 }));
  expect(flushed(metrics).map(({ Workflow, Tier }) => Workflow ?? Tier)).toEqual(['DraftNote', 'Small']);
});

test('of many calls a sample, with the quickest and the slowest', () => {
  const [workflow] = of(...Array.from({ length: 5000 }, (_, i) => recordOf({ latencyMs: i + 1 })));
  const sample = workflow!.LatencyMs as number[];
  expect(sample).toHaveLength(100);
  expect(sample[0]).toBeCloseTo(1, 1);
  expect(sample[99]! / 5000).toBeCloseTo(1, 1);
  expect(sample[50]! / 2525).toBeCloseTo(1, 1);
});

test('whatever the moments of the flushes, sums are those of the records', () => {
  fc.assert(fc.property(fc.array(fc.tuple(anyRecord, fc.boolean()), { maxLength: 60 }), history => {
    const metrics = new CallMetrics('main');
    const lines: Line[] = [];
    for (const [record, flush] of history) {
      metrics.add(record);
      if (flush) lines.push(...flushed(metrics));
    }
    lines.push(...flushed(metrics));
    const counted = history.map(([record]) => record).filter(({ outcome, status }) => outcome !== 'refused' || status >= 500);
    const total = (amount: (record: UsageRecord) => number): number => counted.reduce((s, record) => s + (record.workflow === null ? 0 : amount(record)), 0);
    const ofCalls = (amount: (record: UsageRecord) => number): number => total(record => record.shadowOf === null ? amount(record) : 0);
    const tokens = (kind: keyof UsageRecord['tokens']): number => counted.reduce((s, { tier, tokens: given, otherAnswer }) => s + (tier === null ? 0 : given[kind]) + (otherAnswer?.tokens[kind] ?? 0), 0);
    expect(sum(lines, 'Calls')).toBe(ofCalls(() => 1));
    expect(sum(lines, 'Runs')).toBeCloseTo(ofCalls(({ runs }) => runs), 9);
    expect(sum(lines, 'CostUsd')).toBeCloseTo(total(({ costUsd }) => Number(costUsd)), 9);
    expect(sum(lines, 'RevenueUsd')).toBeCloseTo(ofCalls(({ revenueUsd }) => Number(revenueUsd)), 9);
    expect(sum(lines, 'SavedUsd')).toBeCloseTo(ofCalls(({ savedUsd }) => Number(savedUsd)), 9);
    expect(sum(lines, 'PremiumCalls')).toBe(total(({ premiumCalls }) => premiumCalls));
    expect(sum(lines, 'InputTokens')).toBe(tokens('input'));
    expect(sum(lines, 'CacheReadTokens')).toBe(tokens('cacheRead'));
    expect(sum(lines, 'CacheWriteTokens')).toBe(tokens('cacheWrite'));
    expect(sum(lines, 'OutputTokens')).toBe(tokens('output'));
    expect(sum(lines, 'ReasoningTokens')).toBe(tokens('reasoning'));
    expect(sum(lines, 'UnknownCostCalls')).toBe(counted.filter(({ costUsd }) => costUsd === null).length);
  }));
});

test('never told apart by tenant, key, run or request, and as many lines as workflows and tiers whatever the calls', () => {
  fc.assert(fc.property(fc.array(anyRecord, { maxLength: 60 }), records => {
    const lines = of(...records);
    expect(lines.length).toBeLessThanOrEqual(2 + 2 + 1);
    for (const line of lines) {
      const { Dimensions: [dimensions], Metrics } = line._aws.CloudWatchMetrics[0]!;
      expect(Object.keys(line).sort()).toEqual(['_aws', ...dimensions!, ...Metrics.map(({ Name }) => Name)].sort());
      const text = JSON.stringify(line);
      for (const { tenant, key, run, request } of records) {
        for (const name of [tenant, key, run, request]) expect(text).not.toContain(name);
      }
    }
  }), { numRuns: 30 });
});
