/** White space that says nothing: runs of spaces within a line of prose, spaces at its end, empty lines beyond one. */

/** A line with one of these may be code, data, a table or Markdown with a meaning of its own. */
const NOT_PROSE = /[`"'|{}[\]<>\\=;()#]|^\s|^[-*+>\d]/;
const FENCE = /^\s*(?:```|~~~)/;
/** Two spaces at the end break a line in Markdown. */
const LINE_BREAK = / {2}$/;

/** Code and JSON stay as they are, to the byte; where a fence is never closed, all that follows is code. */
export function withoutIdleSpace(text: string): string {
  if (isJson(text)) return text;
  const lines: string[] = [];
  let fenced = false;
  let empty = 0;
  for (const line of text.split('\n')) {
    if (FENCE.test(line)) fenced = !fenced;
    const blank = !fenced && line.trim() === '';
    empty = blank ? empty + 1 : 0;
    if (blank && empty > 1) continue;
    lines.push(blank ? '' : fenced || NOT_PROSE.test(line) ? line : prose(line));
  }
  return lines.join('\n');
}

const prose = (line: string): string => line.replace(/(?<=\S)[ \t]{2,}(?=\S)/g, ' ').replace(/[ \t]+$/, end => LINE_BREAK.test(end) && end.length === 2 ? end : '');

function isJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
