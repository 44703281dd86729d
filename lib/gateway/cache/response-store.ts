/** Where answers are kept: it may lose any of them at any time, and forgets each after its time. */
export interface ResponseStore {
  get(key: string): Promise<Buffer | undefined>;
  set(key: string, value: Buffer, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}
