/** A store that works, hangs, fails, or does what it is told and loses its answer. */
import { Counter, CounterState, Ledger, Reservation, Reserved, Settlement } from '../../../../../lib/gateway/ledger';
import { MemoryLedger } from '../../../../../lib/gateway/memory-ledger';

export class UnsteadyStore implements Ledger {
  public state: 'works' | 'hangs' | 'fails' | 'answers are lost' = 'works';
  public asked = 0;
  public closed = false;
  /** What the store has: to be looked at whatever its state. */
  public readonly inside = new MemoryLedger(Date.now);

  public reserve(reservation: Reservation): Promise<Reserved> {
    return this.take(() => this.inside.reserve(reservation));
  }

  public settle(settlement: Settlement): Promise<void> {
    return this.take(() => this.inside.settle(settlement));
  }

  public read(counters: readonly Counter[]): Promise<CounterState[]> {
    return this.take(() => this.inside.read(counters));
  }

  public ping(): Promise<void> {
    return this.take(() => this.inside.ping());
  }

  public async close(): Promise<void> {
    this.closed = true;
  }

  private async take<T>(step: () => Promise<T>): Promise<T> {
    this.asked++;
    if (this.state === 'fails') throw new Error('the connection is gone');
    if (this.state === 'hangs') return new Promise(() => undefined);
    const answer = await step();
    return this.state === 'works' ? answer : new Promise(() => undefined);
  }
}
