/** What a route makes of recorded calls: how many premium ones it needs, how good its answers are, what they cost. */
import { GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { CheckKind } from '../../contracts/gateway-route';
import { TokenCounter } from '../prompt/token-counter';
import { Costs, Prices, costsOf, isKnown, total } from './costs';
import { Estimate, Part, estimates } from './estimate';
import { randomFrom } from './random';
import { Recorded, Side } from './recorded';
import { Pair, Played, pairOf, replay } from './replay';

export interface Evaluation {
  readonly workflow: GatewayWorkflow;
  readonly pair: Pair;
  readonly prices: Prices;
  readonly seed: number;
  readonly calls: number;
  /** Answered without a model. */
  readonly byRule: number;
  readonly premium: { readonly byChoice: number; readonly byEscalation: number };
  /** undefined: no cheap answer was checked. */
  readonly checks: ChecksFigures | undefined;
  /** Mean correctness of the answers that are given although they fail a check. */
  readonly failing: Estimate;
  /** Escalations that were due and not made, by reason. */
  readonly notMade: ReadonlyMap<string, number>;
  /** Mean correctness over the calls that reached a model: of all answers of each one, and of those that the route gives. */
  readonly quality: Readonly<Record<Side | 'route', Estimate>>;
  /** The part that the route makes up of the gap in quality between all cheap and all premium. */
  readonly recovered: Estimate;
  readonly costs: Costs;
  /** Against all premium, as a part of it; below 0 the route costs more. */
  readonly saved: Estimate;
  /** Against all cheap, as a part of it. */
  readonly added: Estimate;
  /** Records whose task is no class of the route. */
  readonly unclassed: number;
}

/** Cheap answers: those that fail a check, the wrong ones among them, and those among the wrong ones. */
export interface ChecksFigures {
  readonly flagged: Estimate;
  readonly precision: Estimate;
  readonly recall: Estimate;
  /** Of those that fail the check, the wrong ones; in the route's order. */
  readonly kinds: Readonly<Record<string, Estimate>>;
}

export interface ToEvaluate {
  readonly workflow: GatewayWorkflow;
  /** Of the workflow, in its order. */
  readonly chatTiers: readonly TierConfig[];
  readonly prices: Prices;
  readonly countTokens: TokenCounter;
  readonly seed: number;
}

export async function evaluate(records: readonly Recorded[], { workflow, chatTiers, prices, countTokens, seed }: ToEvaluate): Promise<Evaluation> {
  const played = await replay(records, workflow, chatTiers, seed);
  const costs = played.map(call => costsOf(call, prices, countTokens));
  const { recovered, failing, saved, added, weak, strong, route, ...checks } = estimates({ ...qualityParts(played), ...costParts(costs), ...checkParts(played) }, randomFrom(seed));
  const byModel = played.filter(({ given }) => given !== undefined);
  const byChoice = count(byModel, ({ asked }) => asked[0] === 'strong');
  const classes = workflow.route.classes.map(({ id }) => id);
  return {
    workflow, pair: pairOf(workflow, chatTiers), prices, seed, calls: played.length, byRule: played.length - byModel.length,
    premium: { byChoice, byEscalation: count(byModel, ({ asked }) => asked.includes('strong')) - byChoice },
    checks: played.every(({ cheapFailed }) => cheapFailed === undefined) ? undefined : {
      ...checks, kinds: estimates(kindParts(played, workflow.route.checks.map(({ kind }) => kind)), randomFrom(seed)),
    },
    failing, notMade: reasons(byModel),
    quality: { weak, strong, route }, recovered,
    costs: { weak: total(costs.map(cost => cost.weak)), strong: total(costs.map(cost => cost.strong)), route: total(costs.map(cost => cost.route)) }, saved, added,
    unclassed: count(records, ({ task }) => task !== undefined && !classes.includes(task)),
  };
}

/** Of a record that is no part of a figure. */
const NO_PART: Part = { above: 0, below: 0 };

function qualityParts(played: readonly Played[]): Readonly<Record<Side | 'route' | 'recovered' | 'failing', readonly Part[]>> {
  const parts = (partOf: (weak: number, strong: number, given: number) => Part): Part[] => played.map(({ record, given }) =>
    given === undefined ? NO_PART : partOf(record.weak.correct, record.strong.correct, record[given].correct));
  return {
    weak: parts(weak => ({ above: weak, below: 1 })),
    strong: parts((_, strong) => ({ above: strong, below: 1 })),
    route: parts((_, __, given) => ({ above: given, below: 1 })),
    failing: played.map(({ record, given, route: { failedChecks } }) =>
      given === undefined || failedChecks === null || failedChecks.length === 0 ? NO_PART : { above: record[given].correct, below: 1 }),
    recovered: parts((weak, strong, given) => ({ above: given - weak, below: strong - weak })),
  };
}

function checkParts(played: readonly Played[]): Readonly<Record<'flagged' | 'precision' | 'recall', readonly Part[]>> {
  const parts = (of: (flagged: boolean, wrong: boolean) => boolean, to: (flagged: boolean, wrong: boolean) => boolean): Part[] => played.map(({ record, cheapFailed }) => {
    if (cheapFailed === undefined) return NO_PART;
    const [flagged, wrong] = [cheapFailed.length > 0, isWrong(record)];
    return part(of(flagged, wrong), to(flagged, wrong));
  });
  const both = (flagged: boolean, wrong: boolean): boolean => flagged && wrong;
  return { flagged: parts(flagged => flagged, () => true), precision: parts(both, flagged => flagged), recall: parts(both, (_, wrong) => wrong) };
}

const kindParts = (played: readonly Played[], kinds: readonly CheckKind[]): Record<string, readonly Part[]> =>
  Object.fromEntries(kinds.map(kind => [kind, played.map(({ record, cheapFailed }) => {
    const failed = cheapFailed?.includes(kind) ?? false;
    return part(failed && isWrong(record), failed);
  })]));

/** Where a cost is unknown, so is what is saved; the total then says why. */
function costParts(costs: readonly Costs[]): Readonly<Record<'saved' | 'added', readonly Part[]>> {
  const known = costs.map(({ weak, strong, route }) => isKnown(weak) && isKnown(strong) && isKnown(route) ? { weak, strong, route } : undefined);
  const parts = (partOf: (cost: Record<Side | 'route', number>) => Part): Part[] => known.map(cost => cost === undefined ? NO_PART : partOf(cost));
  return {
    saved: parts(({ strong, route }) => ({ above: strong - route, below: strong })),
    added: parts(({ weak, route }) => ({ above: route - weak, below: weak })),
  };
}

const part = (above: boolean, below: boolean): Part => ({ above: Number(above), below: Number(below) });

const isWrong = ({ weak }: Recorded): boolean => weak.correct < 1;

const count = <T>(values: readonly T[], has: (value: T) => boolean): number => values.filter(has).length;

function reasons(played: readonly Played[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { cheapFailed = [], asked, route: { escalation } } of played) {
    if (cheapFailed.length === 0 || asked.includes('strong') || escalation === null) continue;
    found.set(escalation, (found.get(escalation) ?? 0) + 1);
  }
  return found;
}
