/** Answers in the memory of one process: no more than so many bytes, those not asked for longest go first. */
import { ResponseStore } from './response-store';

const DEFAULT_BYTES = 16 * 1024 * 1024;
/** Of an entry beside its value: key, times, its place in the map. */
const OVERHEAD_BYTES = 300;

interface Kept {
  readonly value: Buffer;
  readonly until: number;
}

export class MemoryStore implements ResponseStore {
  /** In the order they were last asked for. */
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;

  /** `clock`: milliseconds, as of Date.now. */
  public constructor(private readonly clock: () => number, private readonly maxBytes = DEFAULT_BYTES) {}

  public async get(key: string): Promise<Buffer | undefined> {
    const found = this.kept.get(key);
    if (found === undefined) return undefined;
    this.drop(key, found);
    if (found.until <= this.clock()) return undefined;
    this.add(key, found);
    return found.value;
  }

  public async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    const before = this.kept.get(key);
    if (before !== undefined) this.drop(key, before);
    if (sizeOf(value) > this.maxBytes) return;
    this.add(key, { value, until: this.clock() + ttlMs });
    for (const [oldest, entry] of this.kept) {
      if (this.bytes <= this.maxBytes) break;
      this.drop(oldest, entry);
    }
  }

  public async close(): Promise<void> {
    this.kept.clear();
    this.bytes = 0;
  }

  /** Bytes that it holds. */
  public get size(): number {
    return this.bytes;
  }

  private add(key: string, entry: Kept): void {
    this.kept.set(key, entry);
    this.bytes += sizeOf(entry.value);
  }

  private drop(key: string, { value }: Kept): void {
    this.kept.delete(key);
    this.bytes -= sizeOf(value);
  }
}

const sizeOf = (value: Buffer): number => value.length + OVERHEAD_BYTES;
