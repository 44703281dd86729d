/** Answers to the very same call: kept from before, or being made right now for another client. */
import { CacheEntry, decodeEntry, encodeEntry } from '../../../gateway/cache/entry';
import { ResponseStore } from '../../../gateway/cache/response-store';
import { SingleFlight } from '../../../gateway/cache/single-flight';
import type { Lead, Looked } from '../../../gateway/route/ports';
import { GuardedStore, StoreGuard } from './guarded-store';

type Arrived = Extract<Looked, { readonly entry: CacheEntry }>;

/** Nobody waits longer for another's answer, nor for ever for one that was forgotten. An answer of 4,096 tokens takes 40 to 120 s. */
export const AWAITED_MS = 120_000;

export class ResponseCache {
  private readonly store: GuardedStore;
  private readonly flights = new SingleFlight<Arrived>();

  public constructor(store: ResponseStore, guard: StoreGuard) {
    this.store = new GuardedStore(store, guard);
  }

  /** Never rejects. Who has a lead makes the answer, and keeps or releases it. `gone`: its client has left, so it waits no more. */
  public async look(key: string, gone?: AbortSignal): Promise<Looked> {
    const joined = this.flights.join(key, gone);
    if ('outcome' in joined) return await joined.outcome ?? { kind: 'miss', lead: this.lead(key) };
    // Who comes while the store is asked waits for its answer too, instead of asking it again.
    const found = await this.store.get(key);
    const entry = Buffer.isBuffer(found) ? decodeEntry(found, key) : undefined;
    if (entry === undefined) return { kind: found === 'failed' ? 'failed' : 'miss', lead: this.lead(key, joined.end) };
    const hit: Arrived = { kind: 'hit', entry };
    joined.end(hit);
    return hit;
  }

  /** Calls that others may wait for. */
  public get leading(): number {
    return this.flights.size;
  }

  public close(): Promise<void> {
    return this.store.close();
  }

  /** `end`: where others may be waiting. */
  private lead(key: string, end?: (arrived?: Arrived) => void): Lead {
    let over = false;
    const once = (then: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(awaited);
      then();
    };
    const awaited = end && setTimeout(end, AWAITED_MS).unref();
    return {
      keep: (entry, ttlMs) => {
        once(() => {
          end?.({ kind: 'shared', entry });
          this.store.set(key, encodeEntry(entry, key), ttlMs);
        });
      },
      release: () => { once(() => { end?.(); }); },
    };
  }
}
