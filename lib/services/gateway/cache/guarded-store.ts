/**
 * The store of answers as the gateway asks it: whatever is wrong with it, a call loses a hit and some milliseconds, and once it is
 * known to be lost not even those. Nothing here rejects.
 */
import { ResponseStore } from '../../../gateway/cache/response-store';
import { Circuit } from './circuit';

/** A way of asking the store is given up for a while; it works again. Told once per change. */
export type CacheTrouble = 'reads-lost' | 'reads-back' | 'writes-lost' | 'writes-back';

export interface StoreGuard {
  readonly onTrouble: (kind: CacheTrouble, detail: string) => void;
  /** A hit saves seconds, but it is awaited by every call that misses, too. @default 50 */
  readonly readWithinMs?: number;
  /** @default 2000 */
  readonly leftAloneMs?: number;
}

/** Nobody waits for it. */
const WRITE_WITHIN_MS = 1_000;
/** At most 16 MB of answers wait for a store that does not take them. */
const MOST_WRITES = 64;

export class GuardedStore {
  private readonly reads: Circuit;
  /** A store that is full takes nothing and still gives. */
  private readonly writes: Circuit;
  private writing = 0;

  public constructor(private readonly store: ResponseStore, { onTrouble, readWithinMs = 50, leftAloneMs = 2_000 }: StoreGuard) {
    const circuit = (way: 'reads' | 'writes', deadlineMs: number): Circuit => new Circuit({
      deadlineMs, leftAloneMs,
      onLost: why => { onTrouble(`${way}-lost`, `${why}; left alone for ${leftAloneMs} ms`); },
      onBack: () => { onTrouble(`${way}-back`, 'it answers again'); },
    });
    this.reads = circuit('reads', readWithinMs);
    this.writes = circuit('writes', WRITE_WITHIN_MS);
  }

  /** failed: it did not say in time, or is lost. */
  public async get(key: string): Promise<Buffer | 'failed' | undefined> {
    try {
      return await this.reads.ask(() => this.store.get(key));
    } catch {
      return 'failed';
    }
  }

  /** Not awaited: what the store does not take is made again some day. */
  public set(key: string, value: Buffer, ttlMs: number): void {
    if (this.writing >= MOST_WRITES || !this.reads.works) return;
    this.writes.ask(() => this.write(key, value, ttlMs)).catch(() => undefined);
  }

  public close(): Promise<void> {
    return this.store.close();
  }

  private async write(key: string, value: Buffer, ttlMs: number): Promise<void> {
    this.writing++;
    try {
      await this.store.set(key, value, ttlMs);
    } finally {
      // Not at the deadline: until the store's client gives it up, it holds the answer.
      this.writing--;
    }
  }
}
