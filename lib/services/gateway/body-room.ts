/**
 * Room for the bodies of all calls under way: each is held as bytes, as what they say, and as what is sent on, until the call
 * is over, and many large ones at once would end the process for everybody.
 */
const MOST_BYTES = 64 * 1024 * 1024;

export class BodyRoom {
  private taken = 0;

  /** `largest`: of one body, which always has room when it is alone. */
  public constructor(private readonly largest: () => number) {}

  /** Whether there was room. */
  public take(bytes: number): boolean {
    if (this.taken + bytes > Math.max(MOST_BYTES, this.largest())) return false;
    this.taken += bytes;
    return true;
  }

  public giveBack(bytes: number): void {
    this.taken -= bytes;
  }
}
