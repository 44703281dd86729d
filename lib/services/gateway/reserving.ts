/** What a call may cost is reserved in every budget it counts in, or refused with what its client can do. */
import { Budget } from '../../contracts/gateway';
import { NANO_PER_USD, ScopedCounter, enforced, exhaustedBy, limitOf, nano } from '../../gateway/budget-scopes';
import { MinuteLimit, NanoUsd, Reservation, Reserved, Settlement } from '../../gateway/ledger';
import { Refusal } from '../../gateway/refusal';
import { CallKind } from '../../gateway/request-body';
import { Caller } from './keys';
import { FailureRule, GuardedLedger } from './ledger/guarded-ledger';

/** Who and what a call is for, whatever is asked of which tier. */
export interface Payer {
  readonly request: string;
  readonly kind: CallKind;
  readonly caller: Caller;
  readonly counters: readonly ScopedCounter[];
  /** Workflow, tenant and run; null where the client named none. */
  readonly run: string | null;
  /** As a request of its key, before anything was asked. */
  readonly counted: boolean;
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

export interface Exhausted {
  readonly exhausted: Budget;
  /** What the call would have reserved. */
  readonly amount: NanoUsd;
  readonly whose: string;
  readonly periodEndsInMs: number;
  /** It would fit were nothing in flight. */
  readonly onlyReserved: boolean;
}

export interface Ask {
  /** Unique. */
  readonly id: string;
  /** The tier, by which a budget may hold. */
  readonly tier: string;
  /** The cheapest tier that can take the call: a budget that degrades does not stop it. */
  readonly cheapest: boolean;
  readonly price: NanoUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly expiresInMs: number;
  /** As a request of its key, by an earlier ask of the same call. */
  readonly counted: boolean;
}

/** A reservation in the way is settled soon; a spent budget comes back with its next period. */
const WHILE_IN_FLIGHT_MS = 2000;

export async function reserve({ caller, counters, run }: Payer, ask: Ask, ledger: GuardedLedger): Promise<Held | Exhausted> {
  const holding = counters.map(counter => enforced(counter, ask));
  const tokens = ask.inputTokens + ask.outputTokens;
  const minute = minuteLimit(caller, ask.counted);
  const reservation: Reservation = {
    id: ask.id, amount: ask.price, tokens, expiresInMs: ask.expiresInMs, minute, run,
    counters: counters.map(({ name, period }, i) => ({ name, period, limit: limitOf(holding[i]!) })),
  };
  const reserved = await ledger.reserve(reservation, counters.map(counter => failureRule(counter.budgets)));
  switch (reserved.outcome) {
    case 'reserved': return {
      settlement: { id: ask.id, reserved: ask.price, tokensReserved: tokens, counters, minute },
      run, inputTokens: ask.inputTokens, outputTokens: ask.outputTokens, firstOfRun: firstOfRun(reserved),
    };
    case 'exhausted': {
      const counter = counters[reserved.counter]!;
      const exhausted = exhaustedBy(holding[reserved.counter]!, reserved.spent + reserved.reserved + ask.price);
      return { exhausted, amount: ask.price, whose: counter.name, periodEndsInMs: reserved.periodEndsInMs, onlyReserved: reserved.spent + ask.price <= nano(exhausted.usd) };
    }
    case 'rate-limited': throw rateLimited(caller, reserved, tokens);
    case 'store-unavailable': throw new Refusal('budget_store_unavailable', 'The budget of this call cannot be checked right now: try again soon.', WHILE_IN_FLIGHT_MS);
  }
}

/** An answer that no model gives costs nothing, and is a request of its key and a call of its run all the same. */
export async function countOnly({ request, caller, run, counted }: Payer, ledger: GuardedLedger): Promise<Pick<Held, 'firstOfRun'>> {
  const minute: MinuteLimit | null = caller.requestsPerMinute === undefined || counted ? null : { name: caller.id, requests: caller.requestsPerMinute, tokens: null };
  const free = { id: `${request}.${run === null ? 'counted' : 'free'}`, tokens: 0, counters: [], minute };
  const reserved = await ledger.reserve({ ...free, amount: 0, expiresInMs: WHILE_IN_FLIGHT_MS, run }, []);
  if (reserved.outcome === 'rate-limited') throw rateLimited(caller, reserved, 0);
  if (reserved.outcome !== 'reserved') throw new Error(`A call that costs nothing was ${reserved.outcome}.`);
  // Nobody has to wait for it.
  void ledger.settle({ ...free, reserved: 0, tokensReserved: 0, spent: 0, tokensUsed: 0, releaseRun: null });
  return { firstOfRun: firstOfRun(reserved) };
}

/** Nothing came of it: the reservation is free again, save for attempts that may be billed; and the run begins with the next call. */
export function giveBack({ settlement, run, firstOfRun: first }: Held, lost: number, ledger: GuardedLedger): Promise<void> {
  const { reserved, tokensReserved } = settlement;
  return ledger.settle({ ...settlement, spent: lost * reserved, tokensUsed: lost * tokensReserved, releaseRun: first === true ? run : null });
}

const minuteLimit = ({ id, requestsPerMinute, tokensPerMinute }: Caller, counted: boolean): MinuteLimit | null =>
  requestsPerMinute === undefined && tokensPerMinute === undefined ? null
    : { name: id, requests: counted ? null : requestsPerMinute ?? null, tokens: tokensPerMinute ?? null };

/** What this process knows it has seen is no first one anywhere. */
const firstOfRun = (reserved: { readonly firstOfRun: boolean; readonly local?: true }): boolean | null =>
  reserved.local === true && reserved.firstOfRun ? null : reserved.firstOfRun;

/** What a store that cannot be asked means for a counter: the strictest of its budgets. */
function failureRule(budgets: readonly Budget[]): FailureRule {
  const open = budgets.map(budget => budget.onStoreFailure === 'closed' ? 0 : nano(budget.onStoreFailure.openUpToUsd));
  return open.includes(0) ? 'closed' : { openUpTo: Math.min(...open) };
}

export function budgetRefusal({ exhausted, amount, whose, periodEndsInMs, onlyReserved }: Exhausted): Refusal {
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
