/** The forecast of one stack: cost, revenue and margin per workflow and in total, at 1x and at the declared growth. */
import { Declaration, WorkflowDeclaration } from '../contracts/declaration';
import { StackCharges, StackCost, StackTemplate } from '../estimate/estimate';
import { Decimal, Numeric, Range, ZERO, decimal, exactly, plus, sum, sumRanges, times } from '../money';
import { PriceBook, withOverrides } from '../prices/book';
import { Allocation, allocationOf } from './allocation';
import { BreakEven, breakEvenOf } from './break-even';
import { MonthOfBreak, monthOfBreak } from './forecast';
import { groupLoads, loadOf } from './load';
import { MarginRange, Verdict, acceptableCost, marginRange, verdictOf, worst } from './margin';
import { isExceeded, quotaNeeds } from './quota';
import { Scale, scalesOf } from './scale';
import { TokenCost, modelPrices, tokenCostOf } from './tokens-per-run';

export interface ScaleResult {
  readonly multiple: Decimal;
  readonly runs: Decimal;
  readonly revenueUsd: Decimal;
  readonly costUsd: Range;
  readonly costPerRunUsd: Range;
  readonly acceptableCostPerRunUsd: Decimal;
  readonly margin: MarginRange;
  /** false: something is unknown, so the cost is a floor and the margin a ceiling. */
  readonly complete: boolean;
  readonly verdict: Verdict;
}

export interface WorkflowForecast {
  readonly declared: WorkflowDeclaration;
  readonly targetPercent: number;
  readonly tokens: TokenCost;
  readonly scales: readonly ScaleResult[];
}

/** Expected dollars a month by what they are for. */
export interface Purposes {
  readonly work: Decimal;
  readonly headroom: Decimal;
  readonly replication: Decimal;
  readonly idle: Decimal;
  readonly platform: Decimal;
  readonly people: Decimal;
}

export interface TotalResult extends TotalAtScale {
  readonly purposes: Purposes;
}

interface TotalAtScale extends ScaleResult {
  /** Expected margin when engineering hours are counted; the headline, verdict and gate are without them. */
  readonly marginWithPeoplePercent: Decimal | null;
  readonly shared: StackCost;
  readonly creditsUsd: Decimal;
}

export interface StackForecast {
  readonly stack: StackTemplate;
  /** Dates of the oldest and the newest price used; null where none is dated. */
  readonly pricesOf: { readonly oldest: string; readonly newest: string } | null;
  /** The bill as the template and the declared usage stand, whether or not there is revenue. */
  readonly bill: StackCost;
  readonly workflows: readonly WorkflowForecast[];
  readonly totals: readonly TotalResult[];
  readonly breakEven: BreakEven | null;
  /** null: no monthly growth is declared. */
  readonly breaksInMonth: MonthOfBreak | null;
  readonly verdict: Verdict;
}

export function forecastStack(stack: StackTemplate, book: PriceBook): StackForecast {
  const { declaration } = stack;
  const lookup = withOverrides(item => book.lookup(item, stack.region), declaration.priceOverrides);
  const charges = new StackCharges(stack, lookup);
  const priceOfModel = modelPrices(stack.region, declaration.priceOverrides);
  const groups = new Set(declaration.groups.map(group => group.path));
  const tokens = declaration.workflows.map(w => tokenCostOf(w, priceOfModel, groups));
  const evaluate = (scale: Scale): Evaluated => evaluateAt(declaration, tokens, scale, charges);

  const evaluated = scalesOf(declaration).map(evaluate);
  const totals = evaluated.flatMap(({ total }) => total ? [{ ...total, purposes: purposesOf(declaration, tokens, total) }] : []);
  return {
    stack,
    pricesOf: datesOf(evaluated[0]!.shared, tokens),
    bill: evaluated[0]!.shared,
    workflows: declaration.workflows.map((declared, i) => ({
      declared, targetPercent: targetOf(declaration, declared), tokens: tokens[i]!, scales: evaluated.map(e => e.workflows[i]!),
    })),
    totals,
    breakEven: breakEvenOf(declaration, tokens, lookup, priceOfModel),
    breaksInMonth: monthOfBreak(declaration, scale => verdictAt(evaluate(scale))),
    verdict: worst(evaluated.map(verdictAt)),
  };
}

function datesOf(bill: StackCost, tokens: readonly TokenCost[]): StackForecast['pricesOf'] {
  const lines = bill.resources.flatMap(r => r.lines).filter(line => line.monthlyUsd);
  const dates = [...lines, ...tokens.flatMap(t => t.models)].flatMap(({ asOf }) => asOf ?? []).sort();
  return dates.length === 0 ? null : { oldest: dates[0]!, newest: dates.at(-1)! };
}

const targetOf = (declaration: Declaration, w: WorkflowDeclaration): number =>
  w.targetGrossMarginPercent ?? declaration.economics!.targetGrossMarginPercent;

interface Evaluated {
  readonly shared: StackCost;
  readonly workflows: readonly ScaleResult[];
  readonly total?: TotalAtScale;
}

function evaluateAt(declaration: Declaration, tokens: readonly TokenCost[], scale: Scale, charges: StackCharges): Evaluated {
  const shared = charges.priceAt(scale.usage, loadOf(declaration.workflows, scale.usage), groupLoads(declaration, scale.usage));
  const { economics, workflows } = declaration;
  if (!economics || workflows.length === 0) return { shared, workflows: [] };

  const overQuota = quotaNeeds(workflows, scale.usage).filter(isExceeded);
  const sharedUnknown = [shared.unpriced, shared.undeclared, shared.unmatched, shared.unserved, overQuota].some(open => open.length > 0);
  const creditsUsd = Decimal.min(sum(declaration.credits.map(c => decimal(c.monthlyUsd))), shared.monthlyUsd.low);
  const allocation = allocationOf(declaration);

  const results = workflows.map((w, i) => {
    const runs = decimal(w.runsPerMonth).times(scale.usage);
    const modelUsd = times(tokens[i]!.perRun, runs);
    const costUsd = plus(modelUsd, carriedBy(w, shared, creditsUsd, allocation));
    return resultOf({
      multiple: scale.usage, runs, revenueUsd: revenueOf(w, scale), costUsd,
      targetPercent: targetOf(declaration, w), unknown: sharedUnknown || tokens[i]!.unknown.length > 0,
    });
  });
  const total = resultOf({
    multiple: scale.usage,
    runs: sum(results.map(r => r.runs)),
    revenueUsd: sum(results.map(r => r.revenueUsd)),
    costUsd: sumRanges(results.map(r => r.costUsd)),
    targetPercent: economics.targetGrossMarginPercent,
    unknown: sharedUnknown || tokens.some(t => t.unknown.length > 0),
  });
  return {
    shared,
    workflows: results,
    total: {
      ...total,
      marginWithPeoplePercent: marginRange(total.revenueUsd, plus(total.costUsd, exactly(peopleUsd(declaration)))).expected,
      shared,
      creditsUsd,
    },
  };
}

/** A workflow's part of the bill. Credits reduce all parts alike, and none below nothing. */
function carriedBy(w: WorkflowDeclaration, { monthlyUsd, groupsUsd }: StackCost, creditsUsd: Decimal, allocation: Allocation): Range {
  const groups = [...groupsUsd];
  const common = groups.reduce((rest, [, usd]) => less(rest, usd), monthlyUsd);
  const cost = sumRanges([times(common, allocation(w)), ...groups.map(([path, usd]) => times(usd, allocation(w, path)))]);
  return monthlyUsd.low.isZero() ? cost : less(cost, exactly(creditsUsd.times(cost.low).div(monthlyUsd.low)));
}

const less = (a: Range, b: Range): Range => plus(a, times(b, -1));

const revenueOf = ({ revenue, runsPerMonth }: WorkflowDeclaration, scale: Scale): Decimal => {
  const atOne = 'usdPerRun' in revenue ? decimal(revenue.usdPerRun).times(runsPerMonth) : decimal(revenue.seats).times(revenue.usdPerSeatMonth);
  return atOne.times(scale.revenue);
};

/** A stack holds where its total and each of its workflows does. */
const verdictAt = ({ total, workflows }: Evaluated): Verdict => worst([...total ? [total] : [], ...workflows].map(r => r.verdict));

interface Amounts {
  readonly multiple: Decimal;
  readonly runs: Decimal;
  readonly revenueUsd: Decimal;
  readonly costUsd: Range;
  readonly targetPercent: number;
  readonly unknown: boolean;
}

function resultOf({ multiple, runs, revenueUsd, costUsd, targetPercent, unknown }: Amounts): ScaleResult {
  const acceptable = acceptableCost(revenueUsd, targetPercent);
  const per = (value: Numeric): Decimal => decimal(value).div(runs);
  return {
    multiple, runs, revenueUsd, costUsd,
    costPerRunUsd: { low: per(costUsd.low), expected: per(costUsd.expected), high: per(costUsd.high) },
    acceptableCostPerRunUsd: per(acceptable),
    margin: marginRange(revenueUsd, costUsd),
    complete: !unknown,
    verdict: verdictOf(costUsd.expected, acceptable, unknown),
  };
}

const peopleUsd = ({ economics }: Declaration): Decimal =>
  economics?.engineering ? decimal(economics.engineering.hoursPerMonth).times(economics.engineering.hourlyUsd) : ZERO;

function purposesOf(declaration: Declaration, tokens: readonly TokenCost[], { shared, creditsUsd, multiple }: TotalAtScale): Purposes {
  const modelUsd = sum(declaration.workflows.map((w, i) => tokens[i]!.perRun.expected.times(w.runsPerMonth).times(multiple)));
  const totals = { work: modelUsd, headroom: ZERO, replication: ZERO, idle: ZERO, platform: creditsUsd.negated() };
  for (const { lines } of shared.resources) {
    for (const { monthlyUsd, split } of lines) {
      if (!monthlyUsd) continue;
      for (const purpose of ['work', 'headroom', 'replication', 'idle', 'platform'] as const) {
        if (!split[purpose].isZero()) totals[purpose] = totals[purpose].plus(monthlyUsd.expected.times(split[purpose]));
      }
    }
  }
  return { ...totals, people: peopleUsd(declaration) };
}
