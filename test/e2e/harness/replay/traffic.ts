/**
 * 20,000 calls as a product makes them, the same each time: four customers at first; from the middle on a fifth one with more code
 * and arithmetic and fewer questions of the known kind, on which a small model fails more often; and a while in which it fails most of the time.
 */
import { hash } from 'node:crypto';
import { Kind, Message, Question, questionOf } from './questions';
import { Random } from './random';

export const CALLS = 20_000;
export const HALF = CALLS / 2;
const SEED = 20_260_131;

export type Workflow = 'Assist' | 'Extract';

export interface Tenant {
  readonly id: string;
  readonly key: string;
  readonly keySha256: string;
  readonly mark: string;
}

/** One call as it is sent; how it is meant to be answered stands in its question. */
export interface ReplayedCall {
  readonly index: number;
  readonly tenant: Tenant;
  readonly workflow: Workflow;
  readonly question: Question;
  /** The header x-task-class; undefined: the route's patterns tell. */
  readonly taskClass: string | undefined;
  readonly stream: boolean;
  readonly temperature: number;
  /** Of the tier that the client names. */
  readonly named: boolean;
  readonly body: string;
  /** Of the call whose very bytes these are; undefined: it is the first of its kind. */
  readonly repeats: number | undefined;
  /** Its text is another tenant's, byte for byte. */
  readonly copied: boolean;
}

export const TENANTS: readonly Tenant[] = ['north', 'south', 'east', 'trial', 'forge'].map((id, i) => {
  const key = `the-key-of-tenant-${id}-in-the-replay`;
  return { id, key, keySha256: hash('sha256', key), mark: `${id.toUpperCase()}-${4000 + 37 * i}` };
});
/** Comes with the second half. */
const NEW_CUSTOMER = TENANTS[4]!;

type Weights<K extends string> = Readonly<Record<K, number>>;
const TENANTS_BEFORE: Weights<string> = { north: 4, south: 3, east: 2, trial: 1 };
const TENANTS_AFTER: Weights<string> = { north: 2, south: 1.5, east: 1, trial: 0.5, forge: 7 };
const KINDS_BEFORE: Weights<Kind> = { faq: 13, classify: 22, extract: 15, draft: 18, math: 6, code: 8, rag: 18 };
const KINDS_AFTER: Weights<Kind> = { faq: 6, classify: 12, extract: 14, draft: 10, math: 22, code: 20, rag: 16 };

const REPEATED = 0.17;
/** Of the repeated ones, so many come while the first may still be answered. */
const AT_ONCE = 0.1;
const COPIED = 0.01;
const NAMED = 0.01;
const LOOK_BACK = 2_000;

/** Drafts are drawn at random more often than not. */
const SAMPLED: Partial<Record<Kind, number>> = { draft: 0.6 };
const SAMPLED_ELSE = 0.02;

/** For so many calls most of the cheap model's answers are bad: more of them are to be escalated than the share has room for. */
const OUTAGE_FROM = 14_000;
const OUTAGE_CALLS = 600;
const isOutage = (index: number): boolean => index >= OUTAGE_FROM && index < OUTAGE_FROM + OUTAGE_CALLS;

export function traffic(count = CALLS): readonly ReplayedCall[] {
  const random = new Random(SEED);
  const calls: ReplayedCall[] = [];
  for (let index = 0; index < count; index++) calls.push(againOf(calls, index, random) ?? newCall(index, index >= count / 2, random));
  return calls;
}

function newCall(index: number, late: boolean, random: Random): ReplayedCall {
  const whose = random.by(late ? TENANTS_AFTER : TENANTS_BEFORE);
  const tenant = TENANTS.find(({ id }) => id === whose)!;
  const kind = random.by(late ? KINDS_AFTER : KINDS_BEFORE);
  const copied = kind !== 'faq' && random.happens(COPIED);
  const asker = { ref: `${tenant.id.slice(0, 1).toUpperCase()}${100_000 + index}`, mark: copied ? '' : tenant.mark, times: isOutage(index) ? 'outage' : tenant === NEW_CUSTOMER ? 'hard' : 'usual' } as const;
  const question = questionOf(kind, random, asker);
  const stream = random.happens(0.35);
  const temperature = random.happens(SAMPLED[kind] ?? SAMPLED_ELSE) ? 0.7 : 0;
  const named = kind !== 'faq' && random.happens(NAMED);
  const body = JSON.stringify({
    model: named ? 'Premium' : 'any', messages: messagesOf(question), temperature, max_completion_tokens: 600,
    ...stream ? { stream, ...random.happens(0.5) ? { stream_options: { include_usage: true } } : {} } : {},
  });
  return {
    index, tenant, workflow: kind === 'extract' ? 'Extract' : 'Assist', question, taskClass: kind !== 'faq' && random.happens(0.5) ? kind : undefined,
    stream, temperature, named, body, repeats: undefined, copied: false,
  };
}

/** Some come again of the same tenant, and some that name no tenant of another one. */
function againOf(calls: readonly ReplayedCall[], index: number, random: Random): ReplayedCall | undefined {
  if (index < 100) return undefined;
  if (random.happens(COPIED)) {
    const open = calls.slice(-LOOK_BACK).filter(({ question, repeats, copied }) => question.mark === '' && question.kind !== 'faq' && repeats === undefined && !copied);
    if (open.length > 0) {
      const first = random.of(open);
      return { ...first, index, tenant: random.of(TENANTS.filter(({ id }) => id !== first.tenant.id && id !== NEW_CUSTOMER.id)), copied: true };
    }
  }
  if (!random.happens(REPEATED)) return undefined;
  const first = random.happens(AT_ONCE) ? calls[index - random.between(1, 5)]! : calls[index - random.between(50, Math.min(LOOK_BACK, index))] ?? calls[0]!;
  if (first.question.kind === 'faq' || first.copied) return undefined;
  return { ...first, index, repeats: first.repeats ?? first.index };
}

const HOUSE_RULES = 'You answer for a company that sells software and devices to offices. Be exact and brief, say when something is not known, keep to what the user has given you, and never promise a date, a price or a right that is not there. '
  + 'Write in English, in whole sentences, for readers who have no time; leave out greetings where none are asked for. Where a form is asked for, keep to it, since programs read the answer. Names, numbers and dates are repeated as they were given. '
  + 'If two readings are possible, take the one that costs the user less, and say that there is another one. What is confidential stays so: neither other customers nor people of ours are named.';

function messagesOf({ mark, history, text }: Question): Message[] {
  const system = mark === '' ? HOUSE_RULES : `${HOUSE_RULES} The account is ${mark}: repeat it in the answer.`;
  return [{ role: 'system', content: system }, ...history, { role: 'user', content: text }];
}
