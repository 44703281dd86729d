/**
 * The ledger in memory: of one process, on a laptop or while the store cannot be asked. It answers as the ledger in Valkey
 * does; a property test holds the two together.
 */
import { checkedReservation, checkedSettlement } from './checked';
import { Counter, CounterState, Ledger, MinuteLimit, Reservation, Reserved, Settlement } from './ledger';
import { MemoryCounter } from './memory-counter';
import { minuteAt, minuteEndsInMs, periodEndsInMs, RUN_KNOWN_MS, SETTLED_KNOWN_MS } from './periods';

interface Minute {
  minute: number;
  requests: number;
  tokens: number;
  /** Ids of this minute's reservations. */
  readonly ids: Set<string>;
}

interface Run {
  readonly first: string;
  readonly since: number;
}

export class MemoryLedger implements Ledger {
  private readonly counters = new Map<string, MemoryCounter>();
  private readonly minutes = new Map<string, Minute>();
  /** Both in the order of their times. */
  private readonly settled = new Map<string, number>();
  private readonly runs = new Map<string, Run>();

  public constructor(private readonly clock: () => number) {}

  public async reserve(reservation: Reservation): Promise<Reserved> {
    checkedReservation(reservation);
    const now = this.clock();
    const counters = reservation.counters.map(counter => this.counter(counter, now));
    const minute = reservation.minute && this.minute(reservation.minute, now);
    const { id, tokens, run } = reservation;

    if (this.settled.has(id) || counters[0]?.holds(id) || minute?.ids.has(id)) return { outcome: 'reserved', firstOfRun: this.isFirst(run, id) };
    const refused = this.overMinute(reservation, minute, now) ?? this.overBudget(reservation, counters, now);
    if (refused) return refused;

    for (const counter of counters) counter.reserve(reservation, now);
    if (minute) {
      if (typeof reservation.minute?.requests === 'number') minute.requests++;
      minute.tokens += tokens;
      minute.ids.add(id);
    }
    if (run !== null) this.enter(run, id, now);
    return { outcome: 'reserved', firstOfRun: this.isFirst(run, id) };
  }

  private overMinute({ tokens, minute: limit }: Reservation, minute: Minute | null, now: number): Reserved | null {
    if (limit === null || minute === null) return null;
    const retryInMs = minuteEndsInMs(now);
    if (minute.requests + 1 > (limit.requests ?? Infinity)) return { outcome: 'rate-limited', limit: 'requests', used: minute.requests, retryInMs };
    if (minute.tokens + tokens > (limit.tokens ?? Infinity)) return { outcome: 'rate-limited', limit: 'tokens', used: minute.tokens, retryInMs };
    return null;
  }

  private overBudget({ amount, counters: asked }: Reservation, counters: readonly MemoryCounter[], now: number): Reserved | null {
    for (const [counter, { limit, period }] of asked.entries()) {
      const { spent, reserved } = counters[counter]!;
      if (limit !== null && spent + reserved + amount > limit) {
        return { outcome: 'exhausted', counter, spent, reserved, periodEndsInMs: periodEndsInMs(period, now) };
      }
    }
    return null;
  }

  public async settle(settlement: Settlement): Promise<void> {
    checkedSettlement(settlement);
    const now = this.clock();
    const { id, spent, releaseRun } = settlement;
    for (const [old, at] of this.settled) {
      if (at > now - SETTLED_KNOWN_MS) break;
      this.settled.delete(old);
    }
    if (this.settled.has(id)) return;
    this.settled.set(id, now);

    for (const counter of new Set(settlement.counters.map(each => this.counter(each, now)))) {
      counter.release(id);
      counter.spent += spent;
    }
    const minute = settlement.minute && this.minute(settlement.minute, now);
    if (minute?.ids.delete(id)) minute.tokens += settlement.tokensUsed - settlement.tokensReserved;
    if (releaseRun !== null && this.isFirst(releaseRun, id)) this.runs.delete(releaseRun);
  }

  public async read(counters: readonly Counter[]): Promise<CounterState[]> {
    const now = this.clock();
    return counters.map(counter => this.counter(counter, now).state());
  }

  public async ping(): Promise<void> {}
  public async close(): Promise<void> {}

  private counter(counter: Counter, now: number): MemoryCounter {
    const key = `${counter.period}:${counter.name}`;
    let found = this.counters.get(key);
    if (!found) this.counters.set(key, found = new MemoryCounter(counter));
    found.advance(now);
    return found;
  }

  private minute({ name }: MinuteLimit, now: number): Minute {
    let found = this.minutes.get(name);
    if (found?.minute !== minuteAt(now)) this.minutes.set(name, found = { minute: minuteAt(now), requests: 0, tokens: 0, ids: new Set() });
    return found;
  }

  private enter(run: string, id: string, now: number): void {
    for (const [old, { since }] of this.runs) {
      if (since > now - RUN_KNOWN_MS) break;
      this.runs.delete(old);
    }
    if (!this.runs.has(run)) this.runs.set(run, { first: id, since: now });
  }

  private isFirst(run: string | null, id: string): boolean {
    return run !== null && this.runs.get(run)?.first === id;
  }
}
