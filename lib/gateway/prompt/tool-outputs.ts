/** What tools gave can be long and mostly idle: its beginning and its end are kept, and the gap says how much it was. */

/** Some 1,000 tokens. */
const MOST_CHARACTERS = 4_000;
const HEAD_CHARACTERS = 2_600;
const TAIL_CHARACTERS = 1_200;

export function capped(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const head = text.slice(0, wholeAt(text, HEAD_CHARACTERS));
  const tail = text.slice(wholeAt(text, text.length - TAIL_CHARACTERS));
  return `${head}\n[... ${text.length - head.length - tail.length} characters left out here ...]\n${tail}`;
}

/** Not within a character of two code units. */
const wholeAt = (text: string, at: number): number => /[\uDC00-\uDFFF]/.test(text[at] ?? '') && /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') ? at - 1 : at;
