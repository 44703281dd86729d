/** The passages of a text that may have been retrieved, as they stand between blank lines, rules, tags and numbers of sources. */
import { blocksOf, isJson } from './blocks';

export interface Chunk {
  /** Of its first character in the text, and after its last one. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Code, JSON, or lines whose indentation may count: only the very same is a duplicate. */
  readonly literal: boolean;
}

/** Shorter passages are what people say twice. */
export const SHORTEST_CHUNK = 200;

const SEPARATORS = [
  String.raw`\n[ \t\r]*\n\s*`,
  String.raw`^[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,})[ \t\r]*$`,
  // Tags around a passage, as a line begins or ends; those within its lines are its own.
  String.raw`^[ \t]*</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>\n]{0,200})?>`,
  String.raw`</[A-Za-z][\w:.-]{0,40}>[ \t\r]*$`,
  // A source's number, by which its copies differ.
  String.raw`^[ \t]*(?:#{1,6}[ \t]{1,4})?(?:\[[\w.:#-]{1,20}\]|\d{1,3}[.)]|(?:[Dd]ocument|[Ss]ource|[Pp]assage|[Cc]hunk|[Cc]ontext|[Rr]esult)[ \t]{0,4}#?\d{1,4})[ \t]*[:.-]?`,
];
const SEPARATOR = new RegExp(SEPARATORS.join('|'), 'gm');
const INDENTED = /^(?: {2}|\t)[ \t]*\S/m;

export function chunksOf(text: string): readonly Chunk[] {
  if (text.length < SHORTEST_CHUNK) return [];
  if (isJson(text)) return [{ from: 0, to: text.length, text, literal: true }];
  const chunks: Chunk[] = [];
  let from = 0;
  for (const block of [...blocksOf(text), { from: text.length, to: text.length }]) {
    for (const passage of passagesOf(text, from, block.from)) chunks.push(passage);
    const inside = text.slice(block.from, block.to);
    if (inside.length >= SHORTEST_CHUNK) chunks.push({ ...block, text: inside, literal: true });
    from = block.to;
  }
  return chunks;
}

function passagesOf(text: string, from: number, to: number): readonly Chunk[] {
  const passages: Chunk[] = [];
  const add = (start: number, end: number): void => {
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    if (trimmed.length < SHORTEST_CHUNK) return;
    const at = start + raw.indexOf(trimmed);
    // With the indentation of its first line.
    passages.push({ from: at, to: at + trimmed.length, text: trimmed, literal: INDENTED.test(raw) });
  };
  const part = text.slice(from, to);
  let start = 0;
  for (const separator of part.matchAll(SEPARATOR)) {
    add(from + start, from + separator.index);
    start = separator.index + separator[0].length;
  }
  add(from + start, to);
  return passages;
}
