/** What a replay came to: calls by who answered them, premium share, money by the records and by the upstream's own ledger, quality. */
import { UsageRecord } from '../../../../lib/contracts/usage-record';
import { Decimal, ZERO, decimal, sum } from '../../../../lib/money';
import { PRICES } from './config';
import { Replayed, Served } from './replay';
import { FINGERPRINTS, MODELS } from './upstream';

export const WINDOW = 1_000;
const MILLION = 1_000_000;

export interface Summary {
  readonly bypass: number;
  /** By an answer that was kept, or that another call got at the same time. */
  readonly cache: number;
  /** Of these, at the same time. */
  readonly shared: number;
  /** By the answer that was given. */
  readonly cheap: number;
  readonly premium: number;
  readonly escalated: number;
  /** Given although it fails a check. */
  readonly flagged: number;
  readonly trimmed: number;
  readonly degraded: number;
  /** Of the calls that reached a model, percent that used a premium one. */
  readonly premiumShare: number;
  readonly costUsd: Decimal;
  readonly savedUsd: Decimal;
  /** Percent of all answers that are good. */
  readonly quality: number;
}

export function summaryOf({ served }: Pick<Replayed, 'served'>): Summary {
  const records = served.map(({ record }) => record);
  const count = (holds: (record: UsageRecord) => boolean): number => records.filter(holds).length;
  return {
    bypass: count(({ route }) => route.answeredBy === 'bypass'),
    cache: count(({ route }) => route.answeredBy === 'cache'),
    shared: count(({ route }) => route.cache === 'shared'),
    cheap: count(record => byModel(record) && !record.premium),
    premium: count(record => byModel(record) && record.premium),
    escalated: count(({ route }) => route.escalation === 'made'),
    flagged: count(({ route }) => route.failedChecks !== null && route.failedChecks.length > 0),
    trimmed: count(({ route }) => route.trimmed !== null),
    degraded: count(({ degraded }) => degraded),
    premiumShare: premiumShareOf(records),
    costUsd: costOf(records),
    savedUsd: sum(records.map(({ savedUsd }) => decimal(savedUsd))),
    quality: 100 * served.filter(isGood).length / served.length,
  };
}

export const byModel = ({ route }: UsageRecord): boolean => route.answeredBy === 'model';

/** Percent, by what the records say; NaN where no model was asked. */
export function premiumShareOf(records: readonly UsageRecord[]): number {
  const asked = records.filter(byModel);
  return 100 * asked.reduce((total, { premiumCalls }) => total + premiumCalls, 0) / asked.length;
}

/** Premium calls in each run of so many calls in a row that a model answered. */
export function premiumInWindows(records: readonly UsageRecord[], size = WINDOW): number[] {
  const premium = records.filter(byModel).map(({ premiumCalls }) => premiumCalls);
  let within = premium.slice(0, size).reduce((total, calls) => total + calls, 0);
  return [within, ...premium.slice(size).map((calls, i) => within += calls - premium[i]!)];
}

export const costOf = (records: readonly UsageRecord[]): Decimal => sum(records.map(({ request, costUsd }) => {
  if (costUsd === null) throw new Error(`The cost of ${request} is unknown.`);
  return decimal(costUsd);
}));

/** What the upstream would bill. */
export const billOf = ({ accounts }: Pick<Replayed, 'accounts'>): Decimal => (Object.keys(MODELS) as (keyof typeof MODELS)[]).reduce((total, strength) => {
  const { input, output } = accounts[strength];
  return total.plus(decimal(PRICES[strength].input).times(input).plus(decimal(PRICES[strength].output).times(output)).div(MILLION));
}, ZERO);

/** A rule's answer is good when it is the one that was meant; of a model's the upstream has said it. */
export function isGood({ call: { question }, given, record }: Served): boolean {
  return record.route.answeredBy === 'bypass' ? given.content === question.facts.answer : given.fingerprint === FINGERPRINTS.good;
}
