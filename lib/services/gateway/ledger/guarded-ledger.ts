/**
 * The ledger as the gateway asks it: never for longer than a deadline, not at all while the store is lost, and then by the
 * rule of each budget: refuse, or let this process spend so much on its own word. What was spent reaches the store later.
 */
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { checkedReservation, checkedSettlement } from '../../../gateway/checked';
import { Counter, CounterState, Ledger, NanoUsd, Reservation, Reserved, Settlement } from '../../../gateway/ledger';
import { MemoryLedger } from '../../../gateway/memory-ledger';
import { SettleQueue } from './settle-queue';
import { within } from './within';

/** Of a counter, when the store cannot be asked: no call, or this process's own sum for the period. */
export type FailureRule = 'closed' | { readonly openUpTo: NanoUsd };

export type GuardedReserved =
  /** local: on this process's own word. */
  | Reserved & { readonly local?: true }
  | { readonly outcome: 'store-unavailable' };

/** A call of the store failed; it is not asked for a while; it is asked again; money that will not be counted. */
export type Trouble = 'store-failed' | 'store-lost' | 'store-back' | 'settlement-dropped';

export interface Guard {
  readonly onTrouble: (kind: Trouble, detail: string) => void;
  /**
   * A store in the same region answers within 10 ms save in an election or a pause of its machine. A call to a model takes
   * seconds, so 100 ms are cheap, and too short a deadline refuses calls. @default 100
   */
  readonly deadlineMs?: number;
  /** How long a lost store is left alone. @default 2000 */
  readonly leftAloneMs?: number;
}

/** In a row, hangs too. */
const FAILURES_TO_LOSE = 5;
const FLUSH_WITHIN_MS = 2_000;

export class GuardedLedger {
  private readonly local = new MemoryLedger(Date.now);
  /** Reserved on our own word and not settled yet. */
  private readonly localIds = new Set<string>();
  private readonly deadlineMs: number;
  private readonly breaker;
  private readonly queue: SettleQueue;

  public constructor(private readonly store: Ledger, private readonly guard: Guard) {
    const { onTrouble, deadlineMs = 100, leftAloneMs = 2_000 } = guard;
    this.deadlineMs = deadlineMs;
    this.breaker = circuitBreaker(handleAll, { halfOpenAfter: leftAloneMs, breaker: new ConsecutiveBreaker(FAILURES_TO_LOSE) });
    this.breaker.onBreak(() => onTrouble('store-lost', `not asked for ${leftAloneMs} ms`));
    this.breaker.onReset(() => onTrouble('store-back', 'it answers again'));
    this.queue = new SettleQueue(
      settlement => this.ask(() => this.store.settle(settlement)),
      ({ id, spent }, why) => onTrouble('settlement-dropped', `${id} spent ${spent} nano-USD: ${why}`),
    );
  }

  /** `rules`: of each counter, in the reservation's order. */
  public async reserve(reservation: Reservation, rules: readonly FailureRule[]): Promise<GuardedReserved> {
    checkedReservation(reservation);
    if (countsNothing(reservation) && reservation.run === null) return { outcome: 'reserved', firstOfRun: false };
    try {
      return await this.ask(() => this.store.reserve(reservation));
    } catch (error) {
      const answer = await this.withoutStore(reservation, rules);
      // The store may have reserved all the same, or do so late. Where the call is made its settlement sets that right.
      if (answer.outcome !== 'reserved' && !(error instanceof BrokenCircuitError)) this.queue.add(givenBack(reservation));
      return answer;
    }
  }

  /** An own allowance that is spent says nothing about the budget: the store does, once it is back. */
  private async withoutStore(reservation: Reservation, rules: readonly FailureRule[]): Promise<GuardedReserved> {
    const counters = [];
    for (const [index, counter] of reservation.counters.entries()) {
      const rule = rules[index];
      if (rule === undefined || rule === 'closed') return { outcome: 'store-unavailable' };
      counters.push({ ...counter, limit: Math.min(rule.openUpTo, counter.limit ?? rule.openUpTo) });
    }
    const answer = await this.local.reserve({ ...reservation, counters });
    if (answer.outcome === 'exhausted') return { outcome: 'store-unavailable' };
    if (answer.outcome === 'reserved') this.localIds.add(reservation.id);
    return { ...answer, local: true };
  }

  /** Never rejects: what the store does not take now, it is given again. */
  public async settle(settlement: Settlement): Promise<void> {
    try {
      checkedSettlement(settlement);
    } catch (error) {
      this.guard.onTrouble('settlement-dropped', `${settlement.id}: ${String(error)}`);
      return;
    }
    if (this.localIds.delete(settlement.id)) await this.local.settle(settlement);
    if (countsNothing(settlement) && settlement.releaseRun === null) return;
    await this.ask(() => this.store.settle(settlement)).catch(() => this.queue.add(settlement));
  }

  public read(counters: readonly Counter[]): Promise<CounterState[]> {
    return this.ask(() => this.store.read(counters));
  }

  public ping(): Promise<void> {
    return this.ask(() => this.store.ping());
  }

  /** Settlements that wait to be given to the store again. */
  public get waiting(): number {
    return this.queue.size;
  }

  public async close(): Promise<void> {
    await this.queue.flush(FLUSH_WITHIN_MS);
    await this.store.close();
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    // One call tries whether a lost store is back; the others do not wait for it.
    if (this.breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    try {
      return await this.breaker.execute(() => within(this.deadlineMs, question()));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) this.guard.onTrouble('store-failed', error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}

/** Then the store need not be asked, and may be lost. */
const countsNothing = ({ counters, minute }: Reservation | Settlement): boolean => counters.length === 0 && minute === null;

const givenBack = ({ id, amount, tokens, counters, minute, run }: Reservation): Settlement =>
  ({ id, reserved: amount, tokensReserved: tokens, counters, minute, spent: 0, tokensUsed: 0, releaseRun: run });
