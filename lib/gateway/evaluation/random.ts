/** Chance that can be repeated: the same seed gives the same numbers. For orders and resamples, not for secrets. */

/** A whole number from 0 and below `limit`, each as likely as the others. */
export type Random = (limit: number) => number;

/** A counter, in steps that meet each number of 32 bits once, through a hash that leaves no trace of its order. */
const STEP = 0x9e3779b9;
/** Millions of numbers are drawn, and looking up a global for each costs more than the number. */
const { imul } = Math;

/** `seed`: up to 32 bits. */
export function randomFrom(seed: number): Random {
  let counter = imul(seed, 0x85ebca6b);
  return limit => {
    counter = (counter + STEP) | 0;
    let hash = imul(counter ^ (counter >>> 16), 0x21f0aaad);
    hash = imul(hash ^ (hash >>> 15), 0x735a2d97);
    return (limit * (((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32)) >>> 0;
  };
}

export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const other = random(i + 1);
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all;
}
