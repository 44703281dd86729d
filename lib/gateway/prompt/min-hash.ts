/** Passages that say the same: their runs of words are compared in full where a part of their MinHash signatures is equal. */

const WORDS_PER_SHINGLE = 4;
/** The share of equal runs from which two passages say the same. */
const ALIKE = 0.9;
/** Of so many hashes each. Of two passages as alike as that, one band at least is equal in all but 4 of 100 million. */
const BANDS = 16;
const PER_BAND = 4;
const HASHES = BANDS * PER_BAND;
/** One of these or a number changes what is said while nearly all words stay. */
const DECISIVE = /\d[\d.,:/-]*|\b(?:no|not|never|none|nor|neither|without|cannot|except|unless|only|[a-z]+n['’]t)\b/giu;

export interface Passage {
  readonly text: string;
  readonly shingles: ReadonlySet<number>;
  readonly bands: readonly string[];
  readonly decisive: string;
}

export function passageOf(text: string): Passage {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const shingles = new Set<number>();
  for (let i = 0; i + WORDS_PER_SHINGLE <= words.length || i === 0; i++) shingles.add(hashOf(words.slice(i, i + WORDS_PER_SHINGLE).join(' ')));
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < HASHES; i++) {
      const hash = mixed(shingle, i);
      if (hash < signature[i]!) signature[i] = hash;
    }
  }
  const bands = Array.from({ length: BANDS }, (_, i) => `${i}:${signature.subarray(i * PER_BAND, (i + 1) * PER_BAND).join(' ')}`);
  return { text, shingles, bands, decisive: (text.match(DECISIVE) ?? []).join(' ').toLowerCase() };
}

export const saysTheSame = (a: Passage, b: Passage): boolean => a.decisive === b.decisive && jaccard(a.shingles, b.shingles) >= ALIKE;

export class Passages {
  private readonly exact = new Set<string>();
  private readonly byBand = new Map<string, Passage[]>();

  /** Whether one of those before says the same; if none does, it is one of them from now on. */
  public repeats(passage: Passage): boolean {
    if (this.exact.has(passage.text) || passage.bands.some(band => this.byBand.get(band)?.some(before => saysTheSame(before, passage)))) return true;
    this.exact.add(passage.text);
    for (const band of passage.bands) {
      const same = this.byBand.get(band);
      if (same === undefined) this.byBand.set(band, [passage]);
      else same.push(passage);
    }
    return false;
  }
}

function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let both = 0;
  for (const each of a) if (b.has(each)) both++;
  return both / (a.size + b.size - both);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Another hash for each number. */
function mixed(value: number, by: number): number {
  let hash = Math.imul(value ^ Math.imul(by + 1, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
