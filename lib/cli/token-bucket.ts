/** The Price List API's rate limit: a bucket of tokens, one per request, refilled steadily. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
};

export class TokenBucket {
  private tokens: number;
  private at: number;
  /** Takers wait for each other, so that two of them cannot take the same token. */
  private queue: Promise<void> = Promise.resolve();

  public constructor(private readonly clock: Clock, private readonly capacity = 10, private readonly perSecond = 5) {
    this.tokens = capacity;
    this.at = clock.now();
  }

  public take(): Promise<void> {
    this.queue = this.queue.then(() => this.takeOne());
    return this.queue;
  }

  private async takeOne(): Promise<void> {
    this.refill();
    while (this.tokens < 1) {
      // At least a millisecond: a clock that rounds down must not make this spin.
      await this.clock.sleep(Math.max(1, Math.ceil(((1 - this.tokens) / this.perSecond) * 1000)));
      this.refill();
    }
    this.tokens -= 1;
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + (Math.max(0, now - this.at) / 1000) * this.perSecond);
    this.at = now;
  }
}
