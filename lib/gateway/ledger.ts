/**
 * The ledger of budgets: reserve what a call may cost over all its counters at once, settle what it did cost. Reserve and
 * settle are each one atomic step over all processes, may be repeated safely, and go by the ledger's own clock. A reservation
 * that is never settled expires: its money is free again, and nothing is counted.
 */
import { Budget } from '../contracts/gateway';

/** Billionths of a dollar: an integer, exact in a double up to $9 million. */
export type NanoUsd = number;

/** What a budget, or several on the same scope and period, count in. At a new period it starts from 0. */
export interface Counter {
  /** Such as `workflow:DraftNote`; with the period it is one counter. */
  readonly name: string;
  readonly period: Budget['period'];
}

export interface ReservationCounter extends Counter {
  /** Spent, reserved and this reservation together may not exceed it; null only counts. */
  readonly limit: NanoUsd | null;
}

/** Limits in calendar minutes. */
export interface MinuteLimit {
  /** The key's id. */
  readonly name: string;
  /** null: neither limited nor counted. */
  readonly requests: number | null;
  /** null: not limited. */
  readonly tokens: number | null;
}

export interface Reservation {
  /** Unique: the same id again is the same reservation. */
  readonly id: string;
  readonly amount: NanoUsd;
  /** The most tokens the call may use, input and output. */
  readonly tokens: number;
  /** After so long without a settlement it is gone. */
  readonly expiresInMs: number;
  readonly counters: readonly ReservationCounter[];
  readonly minute: MinuteLimit | null;
  /** Workflow and run in one short text; null where the client named no run. Remembered for a day. */
  readonly run: string | null;
}

export type Reserved =
  /** firstOfRun: no other call of this run came before; false without a run. */
  | { readonly outcome: 'reserved'; readonly firstOfRun: boolean }
  /** Nothing was reserved. `counter` is an index into the reservation's. */
  | { readonly outcome: 'exhausted'; readonly counter: number; readonly spent: NanoUsd; readonly reserved: NanoUsd; readonly periodEndsInMs: number }
  | { readonly outcome: 'rate-limited'; readonly limit: 'requests' | 'tokens'; readonly used: number; readonly retryInMs: number };

export interface Settlement {
  readonly id: string;
  /** As reserved. */
  readonly reserved: NanoUsd;
  readonly tokensReserved: number;
  readonly counters: readonly Counter[];
  readonly minute: MinuteLimit | null;
  /** What it cost; 0 gives the reservation back. */
  readonly spent: NanoUsd;
  readonly tokensUsed: number;
  /** Given where this call was the first of its run and failed: the next one is the first again. */
  readonly releaseRun: string | null;
}

export interface CounterState {
  readonly spent: NanoUsd;
  readonly reserved: NanoUsd;
  /** Reservations open, and since the period began expired ones and what they had reserved. */
  readonly open: number;
  readonly expired: number;
  readonly expiredAmount: NanoUsd;
}

export interface Ledger {
  reserve(reservation: Reservation): Promise<Reserved>;
  settle(settlement: Settlement): Promise<void>;
  /** State of each counter, in the order asked; expired reservations are swept first. */
  read(counters: readonly Counter[]): Promise<CounterState[]>;
  /** Rejects when the ledger cannot be asked. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
