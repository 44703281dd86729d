/**
 * Settlements that the store did not take: tried again until it does. Each is worth money, so none goes without a word; and
 * none is kept for longer than the store would know that it had it already.
 */
import { Settlement } from '../../../gateway/ledger';
import { SETTLED_KNOWN_MS } from '../../../gateway/periods';

const KEPT_MS = SETTLED_KNOWN_MS / 2;
/** A few kilobytes of memory per hundred. */
export const KEPT_AT_MOST = 20_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const FLUSH_WAIT_MS = 50;

interface Kept {
  readonly settlement: Settlement;
  readonly until: number;
}

export class SettleQueue {
  private readonly kept = new Set<Kept>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private wait = FIRST_WAIT_MS;

  public constructor(
    private readonly settle: (settlement: Settlement) => Promise<void>,
    private readonly dropped: (settlement: Settlement, why: string) => void,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  public get size(): number {
    return this.kept.size;
  }

  public add(settlement: Settlement): void {
    this.kept.add({ settlement, until: this.clock() + KEPT_MS });
    if (this.kept.size > KEPT_AT_MOST) this.drop(first(this.kept)!, `more than ${KEPT_AT_MOST} wait`);
    this.schedule();
  }

  /** Tries without long waits until all are taken; what is left in the end is dropped. */
  public async flush(withinMs: number): Promise<void> {
    const until = this.clock() + withinMs;
    clearTimeout(this.timer);
    for (;;) {
      await (this.running ?? this.pump());
      if (this.kept.size === 0 || this.clock() >= until) break;
      await new Promise(resolve => void setTimeout(resolve, FLUSH_WAIT_MS));
    }
    clearTimeout(this.timer);
    for (const kept of this.kept) this.drop(kept, 'the gateway ends');
  }

  private schedule(): void {
    if (this.timer || this.running || this.kept.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.pump();
    }, this.wait).unref();
  }

  private pump(): Promise<void> {
    this.running = this.tryAll().finally(() => {
      this.running = undefined;
      this.schedule();
    });
    return this.running;
  }

  /** The oldest first, until one is not taken: it goes to the end, so that one the store never takes does not hold up the others. */
  private async tryAll(): Promise<void> {
    for (let kept = first(this.kept); kept; kept = first(this.kept)) {
      if (this.clock() >= kept.until) {
        this.drop(kept, `the store took it not for ${KEPT_MS / 60_000} minutes`);
        continue;
      }
      this.kept.delete(kept);
      try {
        await this.settle(kept.settlement);
        this.wait = FIRST_WAIT_MS;
      } catch {
        this.kept.add(kept);
        this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
        return;
      }
    }
  }

  private drop(kept: Kept, why: string): void {
    this.kept.delete(kept);
    this.dropped(kept.settlement, why);
  }
}

const first = <T>(set: Set<T>): T | undefined => set.values().next().value;
