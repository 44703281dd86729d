/** Parts of a text in which each character counts: code between fences, and JSON. */

export interface Block {
  /** Of its first character, and after its last one. */
  readonly from: number;
  readonly to: number;
}

const OPEN_FENCE = /^[ \t]*(?:>[ \t]*)?(`{3,}|~{3,})/;
/** Begins an object or a list: a source such as [doc-7] does not. */
const OPEN_JSON = /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:["{[\]\d-]|true|false|null|$))/;
/** What shows how a block begins. */
const LONGEST_OPENING = 200;
/** A text may have any number of brackets that nothing closes, each of them looked for up to its end: so many times its length in all. */
const MOST_LOOKING = 8;

export function isJson(text: string): boolean {
  const [first] = text.trimStart();
  if (first !== '{' && first !== '[' && first !== '"') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** In their order. Where it cannot be told any more, the rest of the text is one. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let looking = MOST_LOOKING * text.length;
  let lineEnd = -1;
  for (let from = 0; from < text.length;) {
    // A line may have very many of them in a row.
    if (from > lineEnd) lineEnd = endOfLine(text, from);
    const line = text.slice(from, Math.min(lineEnd, from + LONGEST_OPENING));
    const fence = OPEN_FENCE.exec(line)?.[1];
    let to: number | undefined;
    if (fence !== undefined) {
      to = closingFence(text, lineEnd, fence);
    } else if (OPEN_JSON.test(line)) {
      if (looking < 0) return [...blocks, { from, to: text.length }];
      const end = closingBracket(text, from);
      looking -= end - from;
      if (isJson(text.slice(from, end))) to = end;
    }
    if (to !== undefined) blocks.push({ from, to });
    from = to ?? lineEnd + 1;
  }
  return blocks;
}

/** After the line that closes the fence, or at the text's end. */
function closingFence(text: string, opened: number, fence: string): number {
  for (let from = opened + 1; from < text.length;) {
    const end = endOfLine(text, from);
    const line = text.slice(from, end).replace(/^[ \t]*(?:>[ \t]*)?/, '').trimEnd();
    if (line.startsWith(fence) && line === fence[0]!.repeat(line.length)) return end;
    from = end + 1;
  }
  return text.length;
}

/** After the bracket that closes the one with which the line begins, or at the text's end. */
function closingBracket(text: string, from: number): number {
  let [depth, inString] = [0, false];
  for (let i = from; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === '\\') i++;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if ((character === '}' || character === ']') && --depth === 0) {
      return i + 1;
    }
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
