/** Chance that is the same each time: a stream of numbers from a seed, and a number for a name. */

/** From 0 up to 1. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed >>> 0;
  }

  public next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    return mixed(this.state);
  }

  /** From `from` to `to`, both included. */
  public between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  public happens(share: number): boolean {
    return this.next() < share;
  }

  public of<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)]!;
  }

  /** By their weights. */
  public by<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return entries.at(-1)![0];
  }
}

/** From 0 up to 1, always the same for the same names. */
export function chanceOf(...names: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const character of names.join('\0')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return mixed(hash >>> 0);
}

function mixed(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
