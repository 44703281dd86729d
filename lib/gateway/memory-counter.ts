/** One counter of the ledger in memory: what is spent in its period, and the reservations that are open on it. */
import { Counter, CounterState, NanoUsd, Reservation } from './ledger';
import { periodAt } from './periods';

interface Open {
  readonly amount: NanoUsd;
  readonly expiresAt: number;
}

export class MemoryCounter {
  public spent = 0;
  public reserved = 0;
  private readonly open = new Map<string, Open>();
  private period = 0;
  private expired = 0;
  private expiredAmount = 0;
  /** None expires before it, so that most calls need not look. */
  private nextExpiry = Infinity;

  public constructor(private readonly counter: Counter) {}

  /** What has expired is free again; a new period starts from 0 and keeps what is reserved. */
  public advance(now: number): void {
    const period = periodAt(this.counter.period, now);
    // A clock that is put back begins no period again.
    if (period > this.period) {
      this.period = period;
      this.spent = this.expired = this.expiredAmount = 0;
    }
    if (now >= this.nextExpiry) this.sweep(now);
  }

  private sweep(now: number): void {
    this.nextExpiry = Infinity;
    for (const [id, { amount, expiresAt }] of this.open) {
      if (expiresAt > now) {
        this.nextExpiry = Math.min(this.nextExpiry, expiresAt);
        continue;
      }
      this.release(id);
      this.expired++;
      this.expiredAmount += amount;
    }
  }

  public holds(id: string): boolean {
    return this.open.has(id);
  }

  public reserve({ id, amount, expiresInMs }: Reservation, now: number): void {
    if (this.open.has(id)) return;
    this.open.set(id, { amount, expiresAt: now + expiresInMs });
    this.nextExpiry = Math.min(this.nextExpiry, now + expiresInMs);
    this.reserved += amount;
  }

  public release(id: string): void {
    this.reserved -= this.open.get(id)?.amount ?? 0;
    this.open.delete(id);
  }

  public state(): CounterState {
    const { spent, reserved, expired, expiredAmount } = this;
    return { spent, reserved, open: this.open.size, expired, expiredAmount };
  }
}
