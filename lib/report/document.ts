/** The report as a document: what `--format json` prints and cdk.out/ai-margin/report.json holds. */
import { BreakEven, isKnown } from '../economics/break-even';
import { ScaleResult, StackForecast, TotalResult } from '../economics/evaluate';
import { MarginRange, Verdict, worst } from '../economics/margin';
import { ResourceCost, unknownsOf } from '../estimate/estimate';
import { Decimal, plain, plainRange } from '../money';
import { Finding } from '../checks/rule';
import { Report } from '../contracts/report';

export function reportDocument(forecasts: readonly StackForecast[], findings: readonly Finding[]): Report {
  return {
    version: 1,
    currency: 'USD',
    pricesAsOf: oldest(forecasts),
    stacks: forecasts.map(({ stack, bill }) => ({
      name: stack.name,
      region: stack.region,
      monthlyUsd: plain(bill.monthlyUsd.expected),
      unknown: unknownsOf(bill),
      resources: bill.resources.map(resource),
      unpriced: bill.unpriced.map(({ logicalId, path, type, reason }) => ({ logicalId, path, type, reason })),
    })),
    workflows: forecasts.flatMap(({ stack, workflows }) => workflows.map(({ declared, targetPercent, tokens, scales }) => ({
      stack: stack.name,
      id: declared.id,
      feature: declared.feature ?? null,
      targetGrossMarginPercent: targetPercent,
      models: tokens.models.map(model => ({
        item: model.item, sharePercent: model.sharePercent, premium: model.premium, costPerCallUsd: plain(model.perCall),
        costPerRunUsd: plainRange(model.perRun), source: model.source, asOf: model.asOf, status: model.status,
      })),
      unknown: [...tokens.unknown],
      scales: scales.map(scale),
    }))),
    totals: forecasts.filter(f => f.totals.length > 0).map(({ stack, totals, breaksInMonth }) => ({
      stack: stack.name, breaksInMonth, scales: totals.map(total),
    })),
    breakEven: forecasts.flatMap(({ stack, breakEven: b }) => b ? [breakEven(stack.name, b)] : []),
    findings: findings.map(finding => ({ ...finding })),
    verdict: overall(forecasts),
  };
}

export const overall = (forecasts: readonly StackForecast[]): Verdict => {
  const judged = forecasts.filter(f => f.workflows.length > 0);
  return worst(judged.map(f => f.verdict));
};

const oldest = (forecasts: readonly StackForecast[]): string | null =>
  forecasts.flatMap(f => f.pricesOf?.oldest ?? []).sort()[0] ?? null;

const resource = ({ logicalId, path, type, lines }: ResourceCost): Report['stacks'][number]['resources'][number] => ({
  logicalId, path, type,
  lines: lines.map(line => ({
    item: line.item,
    quantity: line.quantity && plain(line.quantity.expected),
    unit: line.unit,
    unitPriceUsd: line.unitPriceUsd && plain(line.unitPriceUsd),
    monthlyUsd: line.monthlyUsd && plain(line.monthlyUsd.expected),
    range: line.monthlyUsd && plainRange(line.monthlyUsd),
    usageBased: line.usageBased,
    source: line.source, asOf: line.asOf, sku: line.sku, status: line.status,
    note: line.note ?? null,
  })),
});

const money = (value: Decimal): string => plain(value);
const margin = ({ low, expected, high }: MarginRange): { low: string | null; expected: string | null; high: string | null } => {
  const show = (value: Decimal | null): string | null => value && value.toDecimalPlaces(4).toFixed();
  return { low: show(low), expected: show(expected), high: show(high) };
};

const scale = (at: ScaleResult): Report['workflows'][number]['scales'][number] => ({
  multiple: at.multiple.toNumber(),
  runs: plain(at.runs),
  revenueUsd: money(at.revenueUsd),
  costUsd: plainRange(at.costUsd),
  costPerRunUsd: plainRange(at.costPerRunUsd),
  acceptableCostPerRunUsd: money(at.acceptableCostPerRunUsd),
  grossMarginPercent: margin(at.margin),
  complete: at.complete,
  verdict: at.verdict,
});

const total = (at: TotalResult): Report['totals'][number]['scales'][number] => ({
  ...scale(at),
  purposesUsd: {
    work: money(at.purposes.work), headroom: money(at.purposes.headroom), replication: money(at.purposes.replication),
    idle: money(at.purposes.idle), platform: money(at.purposes.platform), people: money(at.purposes.people),
  },
  unserved: at.shared.unserved.map(({ path, calls }) => ({ path, calls: plain(calls) })),
  creditsUsd: money(at.creditsUsd),
  grossMarginWithPeoplePercent: at.marginWithPeoplePercent && at.marginWithPeoplePercent.toDecimalPlaces(4).toFixed(),
});

const breakEven = (stack: string, b: BreakEven): Report['breakEven'][number] => isKnown(b) ? {
  stack, instanceType: b.instanceType, unknown: null,
  fixedUsdPerMonth: money(b.fixedUsdPerMonth), minReplicas: b.minReplicas, peopleCounted: b.peopleCounted,
  points: b.points.map(p => ({
    against: p.against, apiUsdPerRun: money(p.apiUsdPerRun),
    runsPerMonth: p.runsPerMonth && plain(p.runsPerMonth.ceil()), replicas: p.replicas && p.replicas.toNumber(),
    capacityRunsPerMonth: p.capacityRunsPerMonth && plainRange(p.capacityRunsPerMonth),
  })),
} : { stack, instanceType: b.instanceType, unknown: b.unknown };
