/** The rule by which a usage record explains its call: what must stand in it, what must not, and why it came to what it did. */
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { UsageRecord, usageRecordSchema } from '../../../../lib/contracts/usage-record';
import { decimal } from '../../../../lib/money';
import { CLASSES, MAX_INPUT, PRICES } from './config';
import { ReplayedCall } from './traffic';

/** Parts of the route that are on. */
export interface On {
  readonly cache: boolean;
  readonly share: boolean;
  readonly checks: boolean;
  readonly trimming: boolean;
}

type Rule = readonly [name: string, holds: boolean];

/** What the record leaves open or has wrong; [] where it explains the call. */
export function unexplained(record: UsageRecord, call: ReplayedCall, on: On): string[] {
  const schema = usageRecordSchema.safeParse(record);
  if (!schema.success) return [schema.error.message];
  const rules = [...ofEvery(record, call), ...BY_ANSWERER[record.route.answeredBy ?? 'nothing'](record, call, on)];
  return rules.flatMap(([name, holds]) => holds ? [] : [`${name}: ${JSON.stringify({ ...record.route, premiumCalls: record.premiumCalls, attempts: record.attempts, degraded: record.degraded })}`]);
}

function ofEvery(record: UsageRecord, { tenant, workflow, stream }: ReplayedCall): Rule[] {
  const { route } = record;
  return [
    ['answered', record.outcome === 'answered' && record.status === 200 && record.error === null],
    ['whose', record.tenant === tenant.id && record.key === tenant.id && record.workflow === workflow && record.stream === stream && record.shadowOf === null],
    ['a rule is named where one answered', (route.bypass !== null) === (route.answeredBy === 'bypass')],
    ['the cache hit where it answered', ['hit', 'shared'].includes(route.cache) === (route.answeredBy === 'cache')],
    ['saved what is kept', (record.savedUsd !== '0') === (route.answeredBy === 'cache')],
    ['nothing lost', record.lostUsd === '0' && record.unknownCost === null],
  ];
}

/** No model was asked: nothing after that step was decided. */
const withoutModel = ({ route, ...record }: UsageRecord): Rule[] => [
  ['no choice', route.class === null && route.choice === null && route.score === null && route.threshold === null],
  ['no check', route.failedChecks === null && route.escalation === null && record.otherAnswer === null],
  ['not trimmed', route.trimmed === null],
  ['no tier', record.tier === null && record.model === null && !record.premium && record.premiumCalls === 0 && record.attempts === 0 && !record.degraded],
  ['free', record.costUsd === '0' && record.usage === 'none' && record.tokens.input === 0 && record.tokens.output === 0],
];

const BY_ANSWERER: Readonly<Record<NonNullable<UsageRecord['route']['answeredBy']> | 'nothing', (record: UsageRecord, call: ReplayedCall, on: On) => Rule[]>> = {
  nothing: () => [['answered by something', false]],
  bypass: (record, { question }) => [...withoutModel(record), ['the cache was not asked', record.route.cache === 'off'], ['a known question', question.kind === 'faq']],
  cache: (record, { temperature }, { cache }) => [...withoutModel(record), ['cache is on', cache], ['drawn at random', temperature === 0]],
  model: (record, call, on) => [...modelCall(record), ...cacheOf(record, call, on), ...choiceOf(record, call, on), ...checksOf(record, on), ...trimmingOf(record, call, on)],
};

function modelCall(record: UsageRecord): Rule[] {
  const { otherAnswer: other, premium, premiumCalls, attempts, tier, model, usage, degraded } = record;
  const tiers = [tier, ...other === null ? [] : [other.tier]];
  const cost = tokensCost(premium, record.tokens).plus(other === null ? 0 : tokensCost(other.tier === 'Premium', other.tokens));
  return [
    ['a tier', (tier === 'Premium') === premium && tier !== null && model !== null],
    ['each tier asked once', attempts === tiers.length && new Set(tiers).size === tiers.length],
    ['premium calls', premiumCalls === tiers.filter(each => each === 'Premium').length],
    ['usage is the provider\'s', usage === 'provider' && (other === null || other.usage === 'provider')],
    ['cost is its tokens\'', cost.equals(record.costUsd ?? NaN)],
    ['no premium tier where it is degraded', !degraded || premiumCalls === 0],
  ];
}

const tokensCost = (premium: boolean, { input, output }: UsageRecord['tokens']): ReturnType<typeof decimal> => {
  const price = PRICES[premium ? 'premium' : 'cheap'];
  return decimal(price.input).times(input).plus(decimal(price.output).times(output)).div(1_000_000);
};

const cacheOf = ({ route }: UsageRecord, { temperature }: ReplayedCall, { cache }: On): Rule[] =>
  [['cache says why not', route.cache === (!cache ? 'off' : temperature === 0 ? 'miss' : 'unsuited')]];

function choiceOf({ route, premium, degraded }: UsageRecord, { question, named, workflow }: ReplayedCall, { share }: On): Rule[] {
  const { choice, score, threshold } = route;
  const beganPremium = premium && route.escalation !== 'made';
  const weighed = choice === 'gain' || choice === 'below-threshold' || choice === 'no-gain' || (choice === 'share-full' && !named);
  const pinned = share && workflow === 'Assist' && CLASSES.find(({ id }) => id === route.class)?.tier !== undefined;
  return [
    ['its class', route.class === (question.kind === 'faq' ? null : question.kind)],
    ['a choice', choice !== null && (named ? ['named', 'share-full'] : pinned ? ['pinned'] : share ? ['gain', 'below-threshold', 'no-gain', 'share-full'] : ['order']).includes(choice)],
    ['a score where it was asked for', (score !== null) === weighed],
    ['a threshold where there is a score', threshold === null || score !== null],
    ['premium by gain', choice !== 'gain' || (score! > 0 && threshold !== null && score! >= threshold)],
    ['cheap below the threshold', choice !== 'below-threshold' || (score! > 0 && threshold !== null && score! < threshold)],
    ['cheap without gain', choice !== 'no-gain' || score! <= 0],
    ['cheap though it would gain', choice !== 'share-full' || score === null || (score > 0 && (threshold === null || score >= threshold))],
    ['it began there', degraded || beganPremium === ['named', 'gain', 'order'].includes(choice ?? '')],
  ];
}

function checksOf({ route, premium, otherAnswer }: UsageRecord, { checks }: On): Rule[] {
  const { failedChecks: failed, escalation } = route;
  const [fails, othersFailed] = [(failed ?? []).length, (otherAnswer?.failedChecks ?? []).length];
  const without = ['is-premium', 'no-premium-tier', 'no-gain', 'share-full', 'budget', 'failed'];
  return [
    ['checked where checks are on', (failed !== null) === checks && (escalation !== null) === checks],
    ['the other answer where two were made', (otherAnswer !== null) === (escalation === 'made')],
    ['escalated from a cheap answer that failed', escalation !== 'made' || (premium ? othersFailed : fails) > 0],
    ['the better one is given', escalation !== 'made' || fails <= othersFailed],
    ['passed', escalation !== 'not-needed' || fails === 0],
    ['flagged, and why it was not escalated', !without.includes(escalation ?? '') || fails > 0],
    ['the premium model\'s own', escalation !== 'is-premium' || premium],
    ['why a cheap answer was not escalated', escalation === null || escalation === 'is-premium' || escalation === 'not-needed' || escalation === 'made' || !premium],
    ['gain decides', escalation !== 'no-gain' || CLASSES.some(({ id, gain = 0 }) => id === route.class && gain <= 0)],
  ];
}

function trimmingOf({ route: { trimmed } }: UsageRecord, { body }: ReplayedCall, { trimming }: On): Rule[] {
  const tokens = promptTokens(body);
  return [
    ['trimmed where it is near the limit', (trimmed !== null) === (trimming && tokens > 0.9 * MAX_INPUT)],
    ['told how long it was', trimmed === null || trimmed.before === tokens],
    ['cut in a big step', trimmed === null || trimmed.after <= 0.9 * MAX_INPUT],
    ['told how', trimmed === null || trimmed.by.length > 0],
  ];
}

/** So many characters are never as many tokens as the limit. */
const SHORT = 3_000;
const counted = new Map<string, number>();

/** As OpenAI's models count: three of a prompt and four of a message beside its text. */
function promptTokens(body: string): number {
  if (body.length < SHORT) return 0;
  let tokens = counted.get(body);
  if (tokens === undefined) {
    const { messages } = JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] };
    counted.set(body, tokens = messages.reduce((sum, { content }) => sum + 4 + countTokens(content), 3));
  }
  return tokens;
}
