/** The same workflows served four ways: what each costs and earns, and from which volume on own GPUs pay. */
import { GpuGroup } from '../../contracts/gpu-group';
import { StackTemplate } from '../../estimate/estimate';
import { GpuGroups } from '../../estimate/gpu-groups';
import { count } from '../../figures';
import { Decimal } from '../../money';
import { PriceBook } from '../../prices/book';
import { StackForecast, TotalResult, forecastStack } from '../evaluate';
import { Verdict, worst } from '../margin';
import { isExceeded, quotaNeeds } from '../quota';
import { Advantage, CostCurve, advantageOf } from './advantage';
import { Candidate, Recommendation, recommend } from './recommend';
import { Alternatives, Variant, VariantKind, variantsOf } from './variants';

/** A variant at one scale. */
export interface ScaledVariant extends Candidate {
  readonly kind: VariantKind;
  readonly total: TotalResult;
}

export interface ComparedVariant extends Variant {
  readonly forecast: StackForecast;
  readonly scales: readonly ScaledVariant[];
  /** Why its cost is not the whole cost, at any scale. */
  readonly unknown: readonly string[];
}

export interface BreakEvenAgainst {
  readonly other: ComparedVariant;
  readonly advantage: Advantage | { readonly unknown: readonly string[] };
}

export interface Comparison {
  readonly stack: StackTemplate;
  readonly group: GpuGroup;
  readonly asked: Alternatives;
  readonly variants: readonly ComparedVariant[];
  /** Self-hosted against each model API. */
  readonly breakEvens: readonly BreakEvenAgainst[];
  readonly recommendation: Recommendation<ScaledVariant>;
}

export function compare(stack: StackTemplate, group: GpuGroup, asked: Alternatives, book: PriceBook): Comparison {
  const variants = variantsOf(stack, group, asked).map(variant => compared(variant, group, book));
  const own = curveOf(variants.find(v => v.kind === 'selfHosted')!, group, book);
  return {
    stack, group, asked, variants,
    breakEvens: variants.filter(v => v.kind === 'managed' || v.kind === 'hosted')
      .map(other => ({ other, advantage: advantageOf(own, curveOf(other, group, book)) })),
    recommendation: recommend(variants.map(v => v.scales.at(-1)!)),
  };
}

function compared(variant: Variant, group: GpuGroup, book: PriceBook): ComparedVariant {
  const forecast = forecastStack(variant.stack, book);
  const unknown = forecast.totals.flatMap(total => unknownsAt(forecast, total, group));
  return {
    ...variant, forecast, unknown: [...new Set(unknown)],
    scales: forecast.totals.map((total, i) => ({
      kind: variant.kind, total, usdWithPeople: withPeople(total), complete: total.complete, verdict: verdictAt(forecast, total, i),
    })),
  };
}

const withPeople = ({ costUsd, purposes }: TotalResult): Decimal => costUsd.expected.plus(purposes.people);

/** A stack holds where its total and each of its workflows does. */
const verdictAt = ({ workflows }: StackForecast, total: TotalResult, scale: number): Verdict =>
  worst([total.verdict, ...workflows.map(w => w.scales[scale]!.verdict)]);

/** The whole forecast at any volume; revenue follows it, and plays no part in a cost. */
function curveOf({ stack, forecast }: ComparedVariant, group: GpuGroup, book: PriceBook): CostCurve {
  const economics = stack.declaration.economics!;
  const curve: CostCurve = multiple => {
    const growth = { usageMultiple: multiple, revenueMultiple: multiple };
    const at = forecastStack({ ...stack, declaration: { ...stack.declaration, economics: { ...economics, growth } } }, book);
    const total = at.totals.at(-1)!;
    return { usd: withPeople(total), unknown: unknownsAt(forecast, total, group) };
  };
  return once(curve);
}

function once<T>(f: (key: number) => T): (key: number) => T {
  const done = new Map<number, T>();
  return key => {
    const result = done.get(key) ?? f(key);
    done.set(key, result);
    return result;
  };
}

/** In words, what makes a total incomplete. */
function unknownsAt({ stack, workflows }: StackForecast, { complete, shared, multiple }: TotalResult, group: GpuGroup): string[] {
  if (complete) return [];
  const gpuGroups = new GpuGroups(stack.declaration.groups);
  return [
    ...workflows.flatMap(w => w.tokens.unknown),
    ...shared.unpriced.map(({ path, logicalId, reason }) => `${path || logicalId}: ${reason}`),
    ...shared.undeclared.map(({ path, what }) => `${path}: ${what} is not declared`),
    ...shared.unmatched.map(({ path, what }) => `${path}: ${what} is declared and nothing is charged for it`),
    ...shared.unserved.map(({ path, calls }) => gpuGroups.ownerOf(path) === group.path
      ? `the peak is beyond what the ${group.scaling.maxReplicas} replicas at most of ${group.path} serve (CAP001)`
      : `${path}: ${count(calls)} calls in flight are not served`),
    ...quotaNeeds(workflows.map(w => w.declared), multiple).filter(isExceeded)
      .map(({ item, quota }) => `the peak is beyond the declared quota of ${item}, ${count(quota!)} tokens a minute`),
  ];
}
