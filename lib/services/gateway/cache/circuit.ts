/** One way of asking a store that may be lost: never for longer than a deadline, and not at all for a while after it failed so often in a row. */
import { BrokenCircuitError, circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { within } from '../ledger/within';

/** Hangs too. */
const FAILURES_IN_A_ROW = 5;

export interface CircuitOptions {
  readonly deadlineMs: number;
  /** How long it is not asked. */
  readonly leftAloneMs: number;
  /** Told once, however often it is tried in vain. */
  readonly onLost: (why: string) => void;
  readonly onBack: () => void;
}

export class Circuit {
  private readonly breaker;
  private lost = false;

  public constructor(private readonly options: CircuitOptions) {
    this.breaker = circuitBreaker(handleAll, { halfOpenAfter: options.leftAloneMs, breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW) });
    this.breaker.onBreak(reason => {
      if (this.lost) return;
      this.lost = true;
      options.onLost('error' in reason && reason.error instanceof Error ? reason.error.message : 'it failed');
    });
    this.breaker.onReset(() => {
      this.lost = false;
      options.onBack();
    });
  }

  public get works(): boolean {
    return !this.lost;
  }

  /** Rejects at once while it is lost, save for one question a while, which tries whether it is back. */
  public async ask<T>(question: () => Promise<T>): Promise<T> {
    // The others would wait for the one that tries.
    if (this.breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    return this.breaker.execute(() => within(this.options.deadlineMs, question()));
  }
}
