/**
 * Whether a passage says nothing that an earlier one does not. Nine tenths of their shingles, runs of three words, are shared; its
 * words stand in the earlier one in the same order; numbers, names, signs and negations are the very same. MinHash only finds which
 * passages are worth comparing.
 */

export interface Fingerprint {
  /** In lower case. */
  readonly words: readonly string[];
  /** What may not differ, in its order. */
  readonly weighty: string;
  readonly shingles: ReadonlySet<number>;
  /** Passages that share one are compared. */
  readonly bands: readonly number[];
}

const { imul } = Math;

const SHINGLE = 3;
const LEAST_SHARED = 0.9;
/** Of passages that share 90% of their shingles, 99 of 100 share a band; of those that share half of them, 3. */
const [BANDS, ROWS] = [8, 8];

/** A word, a number with its minus sign, or a sign that is not mere punctuation. */
const WORD = /[\p{L}\p{M}]+(?:['’]\p{L}+)*|[-−]?\p{N}+(?:[.,:/]\p{N}+)*|[^\s\p{L}\p{M}\p{N}.,;:'"“”‘’«»()…-]/gu;
const PLAIN = /^[\p{Ll}\p{Lo}\p{M}'’]+$/u;
/** In the languages most prompts are in: they turn a sentence round, alone or with what they limit. */
const TURNING = new Set(`
  no not nor never none neither nothing nobody cannot without unless except only but if until before after less more all some any may must should
  nicht kein keine keinen keiner nie niemals ohne nur außer wenn falls weder noch
  ne pas jamais aucun aucune sans sauf ni seulement si non nunca ningún ninguna sin salvo excepto solo sólo não nem sem apenas exceto senza mai nessuno niet geen nooit zonder
`.trim().split(/\s+/));

export function fingerprintOf(text: string): Fingerprint {
  const found = text.match(WORD) ?? [];
  const words = found.map(word => word.toLowerCase());
  const weighty = found.filter((word, i) => !PLAIN.test(word) || TURNING.has(words[i]!) || /n['’]t$/.test(word)).join(' ');
  const hashes = words.map(hashOf);
  const shingles = new Set<number>();
  for (let i = 0; i + SHINGLE <= hashes.length; i++) shingles.add(mixed(imul(mixed(hashes[i]! * 3 + hashes[i + 1]!), 31) + hashes[i + 2]!));
  return { words, weighty, shingles, bands: shingles.size === 0 ? [] : bandsOf(shingles) };
}

export function saysNothingNew(later: Fingerprint, earlier: Fingerprint): boolean {
  return later.weighty === earlier.weighty && shared(later.shingles, earlier.shingles) >= LEAST_SHARED && isWithin(later.words, earlier.words);
}

/** Jaccard's measure. */
function shared(one: ReadonlySet<number>, other: ReadonlySet<number>): number {
  let common = 0;
  for (const shingle of one) if (other.has(shingle)) common++;
  return common / (one.size + other.size - common);
}

/** In the same order, with others between them. */
function isWithin(words: readonly string[], others: readonly string[]): boolean {
  let next = 0;
  for (const other of others) if (other === words[next]) next++;
  return next === words.length;
}

/** The same in each process: a cut depends on it. */
const SEEDS = Uint32Array.from({ length: BANDS * ROWS }, (_, i) => mixed(0x9e3779b9 * (i + 1)));

function bandsOf(shingles: ReadonlySet<number>): readonly number[] {
  const least = new Uint32Array(SEEDS.length).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < SEEDS.length; i++) {
      const hash = mixed(shingle ^ SEEDS[i]!);
      if (hash < least[i]!) least[i] = hash;
    }
  }
  return Array.from({ length: BANDS }, (_, band) => least.subarray(band * ROWS, (band + 1) * ROWS).reduce((hash, value) => mixed(imul(hash, 31) + value), band));
}

/** FNV-1a. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function mixed(value: number): number {
  let hash = imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
