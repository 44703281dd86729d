/**
 * Cuts a text for a counter of tokens whose time grows with the square of a run's length: a megabyte of one letter would stop the
 * process for minutes. What words, code and numbers are made of stays whole, so that it is counted exactly.
 */

/** Of letters, of spaces or of signs; a word, a line or an indentation is shorter. */
const LONGEST = 200;
/** What byte-pair encoding merges within; a digit ends each of them. */
const ONE_RUN = /^(?:[\p{L}\p{M}]+|[^\s\p{L}\p{N}]+|\s+)$/u;

const [UNKNOWN, LETTER, SPACE, SIGN, DIGIT] = [0, 1, 2, 3, 4];
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-z]/i.test(character)) return LETTER;
  if (/\s/.test(character)) return SPACE;
  return /\d/.test(character) ? DIGIT : SIGN;
});

export function cutLongRuns(text: string): readonly string[] {
  const pieces: string[] = [];
  let [from, start, kind] = [0, 0, UNKNOWN];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const found = code < 128 ? KINDS[code]! : UNKNOWN;
    if (found === DIGIT || (found !== UNKNOWN && kind !== UNKNOWN && found !== kind)) {
      start = found === DIGIT ? i + 1 : i;
      kind = found === DIGIT ? UNKNOWN : found;
      continue;
    }
    if (kind === UNKNOWN) kind = found;
    if (i + 1 - start < LONGEST || (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(i + 1)))) continue;
    // Beyond ASCII only this tells letters from signs, and it is too slow for each character.
    if (ONE_RUN.test(text.slice(start, i + 1))) {
      pieces.push(text.slice(from, i + 1));
      from = i + 1;
    }
    start = i + 1;
    kind = UNKNOWN;
  }
  if (from === 0) return [text];
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code < 0xe000;
