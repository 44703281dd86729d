/**
 * A question with slots, such as `How do I reset {product}?`. It is matched here and not by a regular expression: with a few slots
 * in it, one that does not fit would be tried in millions of ways.
 */
import { aroundSlots, placesIn } from './places';

const LONGEST_VALUE = 200;
const MOST_WORDS = 8;
/** What no value has: behind the end of a sentence somebody asks for something else, too. */
const END = /[\r\n\u2028\u2029?!\u3002\uFF01\uFF1F\u061F]|(?<=\.)\s/;
/** Ways to fill the slots that are tried of one question: a millisecond at most. Only a text made for it, of many repetitions, needs more. */
const MOST_TRIES = 2_000;

export class Template {
  /** Around and between the slots: one more than there are slots. */
  private readonly literals: readonly string[];
  private readonly slots: readonly string[];

  public constructor(text: string) {
    this.slots = placesIn(text, 'template');
    this.literals = aroundSlots(text.trim());
  }

  /** The slots' values, each as short as it can be, of 1 to 200 characters, at most eight words and no sentence; undefined: it is another question. */
  public match(text: string): ReadonlyMap<string, string> | undefined {
    if (!text.startsWith(this.literals[0]!)) return undefined;
    const values = new Map<string, string>();
    return this.matchFrom(0, this.literals[0]!.length, text, values, { left: MOST_TRIES }) ? values : undefined;
  }

  private matchFrom(slot: number, at: number, text: string, values: Map<string, string>, tries: { left: number }): boolean {
    const name = this.slots[slot];
    if (name === undefined) return at === text.length;
    const literal = this.literals[slot + 1]!;
    const known = values.get(name);
    if (known !== undefined) return text.startsWith(`${known}${literal}`, at) && this.matchFrom(slot + 1, at + known.length + literal.length, text, values, tries);
    for (const end of ends(text, at, literal, slot === this.slots.length - 1)) {
      if (tries.left-- <= 0) return false;
      const value = text.slice(at, end);
      if (!isValue(value)) continue;
      values.set(name, value);
      if (this.matchFrom(slot + 1, end + literal.length, text, values, tries)) return true;
      values.delete(name);
    }
    return false;
  }
}

function isValue(value: string): boolean {
  const trimmed = value.trim();
  return trimmed !== '' && trimmed.split(/\s+/).length <= MOST_WORDS;
}

/** Where the value of a slot that begins at `at` may end, nearest first: before what follows it, and the last one before the text's end. */
function* ends(text: string, at: number, literal: string, last: boolean): Generator<number> {
  const stop = text.slice(at, at + LONGEST_VALUE).search(END);
  const furthest = stop < 0 ? at + LONGEST_VALUE : at + stop;
  if (last) {
    const end = text.length - literal.length;
    if (end > at && end <= furthest && text.endsWith(literal)) yield end;
    return;
  }
  for (let end = text.indexOf(literal, at + 1); end >= 0 && end <= furthest; end = text.indexOf(literal, end + 1)) yield end;
}
