/** A store of answers that works, hangs, fails, or takes nothing new. */
import { MemoryStore } from '../../../../../lib/gateway/cache/memory-store';
import { ResponseStore } from '../../../../../lib/gateway/cache/response-store';

export class UnsteadyCache implements ResponseStore {
  public state: 'works' | 'hangs' | 'fails' | 'full' = 'works';
  public reads = 0;
  public writes = 0;
  public closed = false;
  /** What it has: to be looked at whatever its state. */
  public readonly inside = new MemoryStore(Date.now);
  private readonly hanging: (() => void)[] = [];

  public get(key: string): Promise<Buffer | undefined> {
    this.reads++;
    return this.take(() => this.inside.get(key));
  }

  public set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    this.writes++;
    if (this.state === 'full') return Promise.reject(new Error('OOM command not allowed when used memory > \'maxmemory\'.'));
    return this.take(() => this.inside.set(key, value, ttlMs));
  }

  public async close(): Promise<void> {
    this.closed = true;
  }

  /** As a client does that gives up a connection: what hangs fails. */
  public dropHanging(): void {
    for (const fail of this.hanging.splice(0)) fail();
  }

  private take<T>(step: () => Promise<T>): Promise<T> {
    if (this.state === 'fails') return Promise.reject(new Error('the connection is gone'));
    if (this.state === 'hangs') return new Promise((_, reject) => { this.hanging.push(() => { reject(new Error('the connection is given up')); }); });
    return step();
  }
}

/** Time passes, and what was waiting for it is done; with Jest's timers. */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    await jest.advanceTimersByTimeAsync(Math.min(left, 50));
    await new Promise(setImmediate);
  }
}

export async function after<T>(ms: number, asked: Promise<T>): Promise<T | 'no answer yet'> {
  await pass(ms);
  return Promise.race([asked, new Promise<'no answer yet'>(resolve => setImmediate(() => { resolve('no answer yet'); }))]);
}

/** Timers only: promises and setImmediate are the real ones. */
export const fakeTimers = (): void => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'], now: Date.UTC(2026, 8, 30, 12) }); };
