/**
 * White space that says nothing to a reader or a model: runs of spaces within prose, spaces at the end of a line, more than one
 * blank line. Whatever may be code, JSON, a table or Markdown stays as it is.
 */
import { Block, blocksOf, isJson } from './blocks';

/** Without any of these there is nothing to do. */
const ANY = / {2}| \r?(?:\n|$)|\n\r?\n\r?\n/;
/** In a string of code, in a table or in a line of a shell, spaces count. */
const MAY_COUNT = /["'`|\t\\=;{}[\]()<>/$&]/;
/** Code, also as it stands in a diff or in a quotation. */
const INDENTED = /^(?:[-+>]\S|(?: |\t)\s+\S|[-+>](?: {4}|\t)\s*\S)/;
/** Begins a list's item, a heading or a quotation: the spaces after it say how deep what follows is. */
const MARKER = /^\s*(?:(?:[-*+>]|#{1,6}|\d{1,9}[.)])\s+)*/;
const RUN = /(?<=\S) {2,}(?=\S)/g;

interface Line {
  readonly text: string;
  /** Indented, in a block, or with something in which spaces may count. */
  readonly kept: boolean;
}

export function withoutExtraSpace(text: string): string {
  if (!ANY.test(text) || text.includes('<pre') || isJson(text)) return text;
  const lines = linesOf(text, blocksOf(text));
  const besideIndented = blanksBesideIndented(lines);
  const written: string[] = [];
  let blankBefore = false;
  lines.forEach((line, i) => {
    if (line.kept || besideIndented[i]) {
      written.push(line.text);
      blankBefore = false;
    } else if (line.text.trim() === '') {
      if (!blankBefore) written.push(line.text.endsWith('\r') ? '\r' : '');
      blankBefore = true;
    } else {
      written.push(proseOf(line.text, lines[i - 1], lines[i + 1]));
      blankBefore = false;
    }
  });
  return written.join('\n');
}

function linesOf(text: string, blocks: readonly Block[]): readonly Line[] {
  let [from, next] = [0, 0];
  return text.split('\n').map(line => {
    const to = from + line.length;
    while (next < blocks.length && blocks[next]!.to <= from) next++;
    const block = blocks[next];
    const kept = (block !== undefined && block.from <= to) || INDENTED.test(line) || MAY_COUNT.test(line);
    from = to + 1;
    return { text: line, kept };
  });
}

/** Of each line, whether it is blank and the next one before or after it that is not is indented: then it is part of the same. */
function blanksBesideIndented(lines: readonly Line[]): readonly boolean[] {
  const beside = lines.map(() => false);
  for (const step of [1, -1]) {
    let indented = false;
    for (let i = step === 1 ? 0 : lines.length - 1; i >= 0 && i < lines.length; i += step) {
      const { text } = lines[i]!;
      if (text.trim() !== '') indented = /^[ \t]/.test(text);
      else if (indented) beside[i] = true;
    }
  }
  return beside;
}

function proseOf(line: string, before: Line | undefined, after: Line | undefined): string {
  const end = line.endsWith('\r') ? '\r' : '';
  const body = withLineBreak(line.slice(0, line.length - end.length));
  const columns = new Set(columnsOf(line));
  if (columns.size === 0 || [before, after].some(other => other !== undefined && columnsOf(other.text).some(column => columns.has(column)))) return body + end;
  const marker = MARKER.exec(body)![0];
  return marker + body.slice(marker.length).replace(RUN, ' ') + end;
}

/** Two spaces at a line's end are a line break in Markdown, and so are more. */
function withLineBreak(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ') end--;
  return line.slice(0, end) + (line.length - end > 1 ? '  ' : '');
}

/** Where runs of spaces end: in lines of which two have one in common, they make columns. */
const columnsOf = (line: string): readonly number[] => [...line.matchAll(RUN)].map(({ 0: run, index }) => index + run.length);
