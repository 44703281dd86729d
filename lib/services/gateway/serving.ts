/**
 * One call's way through its tiers: reserve what it may cost, ask the tier, and on a failure or an exhausted budget go to the
 * next. Ends with an answer and its reservation, or with a refusal and nothing reserved.
 */
import { Budget } from '../../contracts/gateway';
import { NANO_PER_USD, ScopedCounter, enforced, exhaustedBy, limitOf, nano } from '../../gateway/budget-scopes';
import { estimateTokens, outputBound } from '../../gateway/estimate';
import { MinuteLimit, NanoUsd, Reservation, Reserved, Settlement } from '../../gateway/ledger';
import { Refusal } from '../../gateway/refusal';
import { CallBody, CallKind, assertSoldAt, bodyForTier } from '../../gateway/request-body';
import { TierOrder } from '../../gateway/tier-order';
import { Caller } from './keys';
import { FailureRule, GuardedLedger } from './ledger/guarded-ledger';
import { LiveTier } from './runtime';
import { FailedAnswer, StreamAnswer, WholeAnswer } from './upstream/answer';

export interface Asked {
  readonly request: string;
  readonly kind: CallKind;
  readonly body: CallBody;
  readonly bytes: number;
  readonly caller: Caller;
  readonly counters: readonly ScopedCounter[];
  /** In the order of the workflow. */
  readonly tiers: readonly LiveTier[];
  /** Workflow and run; null where the client named none. */
  readonly run: string | null;
}

/** Money held for one call at one tier. */
export interface Held {
  readonly settlement: Omit<Settlement, 'spent' | 'tokensUsed' | 'releaseRun'>;
  readonly run: string | null;
  /** null where the store, which knows, could not be asked. */
  readonly firstOfRun: boolean | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Served {
  readonly tier: LiveTier;
  readonly answer: WholeAnswer | StreamAnswer;
  readonly held: Held;
  /** Attempts at this tier that may be billed although nothing came of them. */
  readonly lost: number;
}

/** Told as it happens, for the usage record. */
export interface ServingNotes {
  tier: LiveTier | undefined;
  attempts: number;
  degraded: boolean;
  /** What attempts that came to nothing may be billed, at the tiers so far. */
  lost: NanoUsd;
  /** A tier did not answer. */
  failed(tier: LiveTier, reason: string): void;
}

/** The client's own error as an upstream found it: passed on as it is. */
export class PassedOn extends Error {
  public constructor(public readonly status: number, public readonly body: Buffer) {
    super(`the upstream refused the request with status ${status}`);
  }
}

interface PricedTier {
  readonly id: string;
  readonly price: NanoUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tier: LiveTier;
}

/** `gone`: the client has left, so no further tier is worth its money. */
export async function serve(asked: Asked, ledger: GuardedLedger, notes: ServingNotes, gone: () => boolean): Promise<Served> {
  const order = new TierOrder(candidatesOf(asked));
  // Who asks for more than a cheaper tier allows has none to degrade to; that does not make a dearer one the cheapest.
  const cheapestMayServe = order.size === asked.tiers.length;
  let candidate = order.next();
  let failure: FailedAnswer | undefined;
  // A call counts as one request of its key, however many tiers it takes.
  let counted = false;
  for (let turn = 0; candidate !== undefined && !gone(); turn++) {
    const { tier } = candidate;
    notes.tier = tier;
    const held = await reserve(asked, candidate, { id: `${asked.request}.${turn}`, cheapest: cheapestMayServe && order.isCheapest(candidate), counted }, ledger);
    if ('exhausted' in held) {
      const cheaper = held.exhausted.onExhausted === 'degrade' ? order.cheaperThan(candidate) : undefined;
      if (cheaper === undefined) throw failure === undefined ? refusal(held) : upstreamFailed(failure);
      notes.degraded = true;
      candidate = cheaper;
      continue;
    }
    counted = true;
    const { answer, lost } = await tier.upstream.ask({ id: asked.request, path: asked.kind === 'chat' ? '/chat/completions' : '/embeddings', body: bodyForTier(asked.body, tier.config) });
    notes.attempts += answer.attempts;
    notes.lost += lost * held.settlement.reserved;
    if (answer.kind !== 'failed') return { tier, answer, held, lost };
    await giveBack(held, lost, ledger);
    // After a failure, that another tier cannot take this request does not make it the client's fault: it is to try again.
    if (answer.blame === 'client' && failure === undefined) throw new PassedOn(answer.status ?? 400, answer.body ?? Buffer.alloc(0));
    notes.failed(tier, answer.reason);
    if (answer.blame === 'upstream') failure = answer;
    candidate = order.next();
  }
  throw upstreamFailed(failure);
}

/** The first tier's bounds hold for the call; of the others, those that cannot take it are left out. */
function candidatesOf(asked: Asked): PricedTier[] {
  return asked.tiers.flatMap((tier, i) => {
    try {
      return [priced(tier, asked)];
    } catch (error) {
      if (i > 0 && error instanceof Refusal) return [];
      throw error;
    }
  });
}

function priced(tier: LiveTier, { body, bytes, kind }: Asked): PricedTier {
  assertSoldAt(body, tier.config);
  const inputTokens = estimateTokens(bytes, body, tier.calibration);
  const outputTokens = kind === 'chat' ? outputBound(body, tier.config) : 0;
  return { id: tier.config.id, price: tier.rates.reserve(inputTokens, outputTokens), inputTokens, outputTokens, tier };
}

interface Exhausted {
  readonly exhausted: Budget;
  /** What the call would have reserved. */
  readonly amount: NanoUsd;
  readonly whose: string;
  readonly periodEndsInMs: number;
  /** It would fit were nothing in flight. */
  readonly onlyReserved: boolean;
}

/** A reservation in the way is settled soon; a spent budget comes back with its next period. */
const WHILE_IN_FLIGHT_MS = 2000;

interface Turn {
  readonly id: string;
  readonly cheapest: boolean;
  /** As a request of its key, by an earlier turn. */
  readonly counted: boolean;
}

async function reserve(asked: Asked, candidate: PricedTier, { id, cheapest, counted }: Turn, ledger: GuardedLedger): Promise<Held | Exhausted> {
  const { caller, counters, run } = asked;
  const holding = counters.map(counter => enforced(counter, cheapest));
  const tokens = candidate.inputTokens + candidate.outputTokens;
  const minute: MinuteLimit | null = caller.requestsPerMinute === undefined && caller.tokensPerMinute === undefined ? null
    : { name: caller.id, requests: counted ? null : caller.requestsPerMinute ?? null, tokens: caller.tokensPerMinute ?? null };
  const reservation: Reservation = {
    id, amount: candidate.price, tokens, expiresInMs: candidate.tier.upstream.longestMs, minute, run,
    counters: counters.map(({ name, period }, i) => ({ name, period, limit: limitOf(holding[i]!) })),
  };
  const reserved = await ledger.reserve(reservation, counters.map(counter => failureRule(counter.budgets)));
  switch (reserved.outcome) {
    case 'reserved': return {
      settlement: { id: reservation.id, reserved: reservation.amount, tokensReserved: tokens, counters, minute },
      run, inputTokens: candidate.inputTokens, outputTokens: candidate.outputTokens,
      // What this process knows it has seen is no first one anywhere.
      firstOfRun: reserved.local === true && reserved.firstOfRun ? null : reserved.firstOfRun,
    };
    case 'exhausted': {
      const counter = counters[reserved.counter]!;
      const exhausted = exhaustedBy(holding[reserved.counter]!, reserved.spent + reserved.reserved + reservation.amount);
      const { amount } = reservation;
      return { exhausted, amount, whose: counter.name, periodEndsInMs: reserved.periodEndsInMs, onlyReserved: reserved.spent + amount <= nano(exhausted.usd) };
    }
    case 'rate-limited': throw rateLimited(caller, reserved, tokens);
    case 'store-unavailable': throw new Refusal('budget_store_unavailable', 'The budget of this call cannot be checked right now: try again soon.', WHILE_IN_FLIGHT_MS);
  }
}

/** What a store that cannot be asked means for a counter: the strictest of its budgets. */
function failureRule(budgets: readonly Budget[]): FailureRule {
  const open = budgets.map(budget => budget.onStoreFailure === 'closed' ? 0 : nano(budget.onStoreFailure.openUpToUsd));
  return open.includes(0) ? 'closed' : { openUpTo: Math.min(...open) };
}

function refusal({ exhausted, amount, whose, periodEndsInMs, onlyReserved }: Exhausted): Refusal {
  if (amount > nano(exhausted.usd)) {
    return new Refusal('budget_exhausted', `This call may cost $${amount / NANO_PER_USD}, more than the whole budget of $${exhausted.usd} a ${exhausted.period} for ${whose.replace(':', ' ')}: ask for fewer tokens, or raise it.`);
  }
  const budget = `The ${exhausted.period}'s budget of $${exhausted.usd} for ${whose.replace(':', ' ')}`;
  if (onlyReserved) return new Refusal('budget_throttled', `${budget} is held by calls in flight: try again soon.`, WHILE_IN_FLIGHT_MS);
  if (exhausted.onExhausted === 'throttle') return new Refusal('budget_throttled', `${budget} is spent; it begins again with the next ${exhausted.period}.`, periodEndsInMs);
  return new Refusal('budget_exhausted', `${budget} is spent: raise it, or wait for the next ${exhausted.period}.`);
}

function rateLimited(caller: Caller, { limit, used, retryInMs }: Extract<Reserved, { outcome: 'rate-limited' }>, tokens: number): Refusal {
  if (limit === 'requests') return new Refusal('rate_limit_exceeded', `The key ${caller.id} has made its ${caller.requestsPerMinute} requests of this minute.`, retryInMs);
  const most = caller.tokensPerMinute ?? 0;
  if (tokens > most) {
    return new Refusal('invalid_request', `This call may use ${tokens} tokens, more than the ${most} a minute of the key ${caller.id}: shorten it, or set max_completion_tokens.`);
  }
  return new Refusal('rate_limit_exceeded', `The key ${caller.id} has ${most} tokens a minute, of which ${used} are used or reserved; this call may use ${tokens}.`, retryInMs);
}

const upstreamFailed = (failure: FailedAnswer | undefined): Refusal => new Refusal('upstream_failed',
  failure === undefined ? 'The client left before a model answered.' : `No model of this workflow answered; the last one: ${failure.reason}. Try again.`, failure?.retryAfterMs);

/** Nothing came of it: the reservation is free again, save for attempts that may be billed; and the run begins with the next call. */
function giveBack({ settlement, run, firstOfRun }: Held, lost: number, ledger: GuardedLedger): Promise<void> {
  const { reserved, tokensReserved } = settlement;
  return ledger.settle({ ...settlement, spent: lost * reserved, tokensUsed: lost * tokensReserved, releaseRun: firstOfRun === true ? run : null });
}
