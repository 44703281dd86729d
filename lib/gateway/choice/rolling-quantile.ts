/** The last scores, sorted: above which of them a given share lies. A fixed threshold would let through 5 to 23% for a wanted 25% when the calls change. */
export const SCORES = 500;

/** Equal scores are told apart by far less than any two that differ. */
const TIE_BREAK = 1e-6;

export class RollingQuantile {
  private readonly inOrderOfArrival: Float64Array;
  private readonly sorted: Float64Array;
  private next = 0;
  private count = 0;

  public constructor(private readonly size = SCORES) {
    this.inOrderOfArrival = new Float64Array(size);
    this.sorted = new Float64Array(size);
  }

  public add(score: number): void {
    if (this.count === this.size) this.remove(this.inOrderOfArrival[this.next]!);
    const place = this.placeOf(score);
    this.sorted.copyWithin(place + 1, place, this.count);
    this.sorted[place] = score;
    this.count++;
    this.inOrderOfArrival[this.next] = score;
    this.next = (this.next + 1) % this.size;
  }

  /** The least of the highest scores that are this share of all; undefined: there is none. */
  public leastOfTop(share: number): number | undefined {
    const chosen = Math.min(Math.ceil(share * this.count), this.count);
    return chosen > 0 ? this.sorted[this.count - chosen] : undefined;
  }

  private remove(score: number): void {
    const place = this.placeOf(score);
    this.sorted.copyWithin(place, place + 1, this.count);
    this.count--;
  }

  /** Of the first score that is not below it. */
  private placeOf(score: number): number {
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.sorted[middle]! < score) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/**
 * The score with a little more by its call's id, always the same: of the calls of one class, which all score the same, any share
 * can be chosen, and none is preferred for when it came.
 */
export function untied(score: number, id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return score + (TIE_BREAK * ((hash ^ (hash >>> 13)) >>> 0)) / 2 ** 32;
}
