/** How much was booked at each of the last arrivals, and at all of them together: a ring, each step of constant time. */
export class SlotCounts {
  private readonly ring: Uint32Array;
  private newest = 0;
  private sum = 0;

  public constructor(private readonly size: number) {
    this.ring = new Uint32Array(size);
  }

  /** Arrivals that are looked back on. */
  public get window(): number {
    return Math.min(this.newest, this.size);
  }

  public get total(): number {
    return this.sum;
  }

  public arrived(): void {
    this.newest++;
    this.sum -= this.at(this.newest);
    this.ring[this.newest % this.size] = 0;
  }

  /** Books one at the newest arrival. The returned function takes it back, once. */
  public book(): () => void {
    const slot = this.newest;
    let booked = true;
    this.change(slot, 1);
    return () => {
      if (booked && slot > this.newest - this.size) this.change(slot, -1);
      booked = false;
    };
  }

  private change(slot: number, by: 1 | -1): void {
    this.ring[slot % this.size] = this.at(slot) + by;
    this.sum += by;
  }

  private at(slot: number): number {
    return this.ring[slot % this.size]!;
  }
}
