/** An evaluation for people: its figures as rows, and what they leave out as sentences. */
import { count, percent, usd } from '../../figures';
import { decimal } from '../../money';
import { Amount, Prices, isKnown } from './costs';
import { Estimate } from './estimate';
import { Evaluation } from './evaluate';
import { NOT_RECORDED } from './replay';

export const TITLES = ['', 'value', '95 % interval', 'of'] as const;

/** As the titles. */
export type Line = readonly [label: string, value: string, interval: string, of: string];

export const headline = ({ workflow, pair, calls, seed }: Evaluation): string =>
  `${workflow.id}  ${pair.weak.id} and ${pair.strong.id} (premium)  ${whole(calls)} recorded calls  seed ${seed}`;

export function lines(evaluation: Evaluation): Line[] {
  const { workflow: { route }, pair: { weak, strong }, premium, calls, quality, recovered, costs, saved, added } = evaluation;
  const { maxPremiumSharePercent: most } = route;
  return [
    ofModelCalls('premium calls', premium.byChoice + premium.byEscalation, evaluation, ` that reach a model; ${most === undefined ? 'no cap' : `cap ${most} %`}`),
    ofModelCalls('  by choice', premium.byChoice, evaluation),
    ofModelCalls('  by escalation', premium.byEscalation, evaluation),
    ...checkLines(evaluation),
    ...route.checks.length === 0 ? [] : failingLines(evaluation),
    estimated(`quality, all ${weak.id}`, quality.weak),
    estimated(`quality, all ${strong.id}`, quality.strong),
    estimated('quality, this route', quality.route),
    estimated('gap recovered (PGR)', recovered),
    [`cost, all ${weak.id}`, dollars(costs.weak), '', `${whole(calls)} calls`],
    [`cost, all ${strong.id}`, dollars(costs.strong), '', ''],
    ['cost, this route', dollars(costs.route), '', ''],
    estimated(`saved against all ${strong.id}`, saved),
    estimated(`added to all ${weak.id}`, added),
  ];
}

function checkLines({ checks }: Evaluation): Line[] {
  if (checks === undefined) return [];
  return [
    counted('cheap answers that fail a check', checks.flagged),
    counted('  of these wrong (precision)', checks.precision),
    counted('  of the wrong ones (recall)', checks.recall),
    ...Object.entries(checks.kinds).map(([kind, precision]) => counted(`  of those failing ${kind} wrong`, precision)),
  ];
}

function failingLines(evaluation: Evaluation): Line[] {
  const { failing, notMade } = evaluation;
  const why = [...notMade].map(([reason, n]) => `, ${whole(n)} not escalated: ${reason}`).join('');
  return [
    ofModelCalls('given although failing a check', failing.below, evaluation, why),
    ...failing.below === 0 ? [] : [estimated('  quality of these', failing)],
  ];
}

function ofModelCalls(label: string, part: number, { calls, byRule }: Evaluation, more = ''): Line {
  const all = calls - byRule;
  return [label, shownPercent(all === 0 ? null : part / all), '', `${whole(part)} of ${whole(all)}${more}`];
}

const estimated = (label: string, estimate: Estimate): Line => [label, shownPercent(estimate.value), shownInterval(estimate), ''];

const counted = (label: string, estimate: Estimate): Line => [label, shownPercent(estimate.value), shownInterval(estimate), `${whole(estimate.above)} of ${whole(estimate.below)}`];

const shownInterval = ({ value, low, high }: Estimate): string =>
  value === null ? '' : low === null && high === null ? 'not bounded' : `${low === null ? 'any' : points(low)}..${high === null ? 'any' : points(high)}`;

const points = (value: number): string => decimal(100 * value).toFixed(1);
const shownPercent = (value: number | null): string => value === null ? 'none' : percent(decimal(100 * value));
const whole = (n: number): string => count(decimal(n));
const dollars = (amount: Amount): string => isKnown(amount) ? usd(decimal(amount).div(1e9), 4) : 'unknown';

/** Why a cost is unknown; none: all are known. */
export const unknownCosts = ({ costs }: Evaluation): string[] => [...new Set(Object.values(costs).flatMap(cost => isKnown(cost) ? [] : [cost.unknown]))];

export function sentences(evaluation: Evaluation): string[] {
  const { workflow: { route }, pair: { weak, strong }, calls, byRule, recovered, quality, unclassed, prices } = evaluation;
  const functions = route.bypass.filter(({ kind }) => kind === 'function').map(({ id }) => id);
  return [
    ...recovered.value === null && quality.strong.value !== null ? [`There is no gap to recover: the answers of ${strong.id} are on the whole no better than those of ${weak.id}.`] : [],
    ...recovered.value !== null && recovered.low === null ? ['The gap itself may be none: so few records do not tell it from chance, which leaves the recovered part without bounds. Give more of them.'] : [],
    ...byRule === 0 ? [] : [`Answered by rules, without a model: ${whole(byRule)} of ${whole(calls)} calls. They are in the costs, and in no quality, which nobody has recorded.`],
    ...functions.length === 0 ? [] : [`Left out: the functions ${functions.join(', ')}, which are not called; their calls go on to the next step.`],
    ...route.cache === undefined ? [] : ['Left out: the cache, since recorded calls that all differ say nothing about it.'],
    ...route.tokenLimits?.maxInput === undefined ? [] : ['Left out: tokenLimits.maxInput, since the recorded answers are to whole prompts.'],
    ...left(route.checks.map(({ kind }) => kind).filter(kind => NOT_RECORDED.includes(kind))),
    ...route.tokenLimits?.maxOutput === undefined ? [] : ['Left out: tokenLimits.maxOutput, since the recorded answers have the length they have.'],
    ...route.shadowPercent === 0 ? [] : ['Left out: shadowPercent, which takes its part of the premium calls and costs.'],
    ...unclassed === 0 ? [] : [`The task of ${whole(unclassed)} records is no class of the route, so they came without one${route.classes.length === 0 ? '' : `; it has ${route.classes.map(({ id }) => id).join(', ')}`}.`],
    ...unknownCosts(evaluation).map(reason => `Unknown cost: ${reason}`),
    `Tokens are counted as OpenAI's models from GPT-4o on count them; others are within some 10 %${sources(prices)}.`,
  ];
}

function sources({ weak, strong }: Prices): string {
  const known = [...new Set([weak, strong].flatMap(price => 'unknown' in price ? [] : [price.source]))];
  return known.length === 0 ? '' : `; prices: ${known.join(', ')}`;
}

const left = (checks: readonly string[]): string[] => checks.length === 0 ? [] : [`Left out: the checks ${checks.join(', ')}, since recorded answers are texts alone; what they would flag is in no figure.`];
