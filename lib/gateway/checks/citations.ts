/** What an answer cites is in the conversation: passages in quotation marks word for word, and sources such as [3] or [doc-7] by their names. */
import { textOf } from '../completion';
import { messagesOf } from '../conversation';
import { CallBody } from '../request-body';
import { Check, ofText } from './answer';

/** Shorter ones are names, titles and words at a distance. */
const FEWEST_WORDS = 5;
const QUOTED = /"([^"\n]{1,2000})"|\u201C([^\u201C\u201D\n]{1,2000})\u201D|\u201E([^\u201C\u201D\u201E\n]{1,2000})[\u201C\u201D]|\u00AB([^\u00AB\u00BB\n]{1,2000})\u00BB/g;
/** One or several, of numbers or of names with a digit; what is followed by ( or : is a link, and what a word goes before may be an index. */
const BRACKETED = /(\w?)\[((?:[A-Za-z0-9][\w.#-]{0,60})(?:\s?[,;\u2013]\s?[A-Za-z0-9][\w.#-]{0,60}){0,20})\](?![(:])/g;
const SOURCE = /^(?:\d{1,3}|(?=[\w.#-]*\d)[A-Za-z][\w.#-]*)$/;
const RANGE = /^(\d{1,3})\s?[\u2013-]\s?(\d{1,3})$/;
/** More sources than a range of them cites. */
const WIDEST = 20;
/** An interval, or the cell of a sheet. */
const OTHERWISE = /^(?:\d+\s?[,;]\s?\d+|[A-Za-z]{1,2}\d+)$/;
/** Of passages, and of sources: what is looked for beyond them takes time, and tells no more. */
const MOST_SOUGHT = 50;
/** How a numbered source is named: a number alone is in many texts. */
const KINDS = 'doc|document|source|passage|chunk|ref|reference|article|result|context|snippet|section|item|id';
const NUMBERED = new RegExp(String.raw`\[(\d{1,3})\]|(?:^|\n)[ \t]{0,8}\(?(\d{1,3})[.):]|(?:\b(?:${KINDS})s?|#)[ \t]{0,3}[-_#:=]?[ \t]{0,3}["']?(\d{1,3})\b`, 'g');
/** A list in code has brackets, too. */
const CODE = /```[^]*?(?:```|$)|`[^`\n]{0,500}`/g;
/** What an author left out, or said otherwise in square brackets. */
const LEFT_OUT = /\s*(?:\[[^\]]{0,60}\]|\.\.\.|\u2026)\s*/;

export const citations = ({ min }: { readonly min: number }): Check => ofText(({ text, body }) => {
  const prose = text.replace(CODE, ' ');
  const passages = passagesIn(prose);
  const cited = citedIn(prose);
  if (passages.length + cited.length === 0) return min === 0 ? undefined : tooFew(0, min);
  const conversation = conversationOf(body);
  const named = namesIn(conversation.toLowerCase());
  const sources = [...new Set(cited.flatMap(({ names, sure }) => sure || names.every(named) ? names : []))];
  if (passages.length + sources.length < min) return tooFew(passages.length + sources.length, min);
  const words = passages.length === 0 ? '' : wordsOf(conversation);
  const invented = passages.slice(0, MOST_SOUGHT).filter(passage => !passage.every(piece => words.includes(piece))).length;
  if (invented > 0) return `quotes ${invented} of ${passages.length} passages that the conversation does not have`;
  const unknown = sources.filter(source => !named(source)).length;
  return unknown > 0 ? `cites ${unknown} of ${sources.length} sources that the conversation does not name` : undefined;
});

const tooFew = (found: number, min: number): string => `cites ${found} passages and sources, fewer than ${min}`;

/** Each in the pieces that must be there word for word. */
function passagesIn(prose: string): readonly (readonly string[])[] {
  return [...prose.matchAll(QUOTED)].map(([, ...texts]) => texts.join(''))
    .filter(text => text.trim().split(/\s+/).length >= FEWEST_WORDS)
    .map(text => text.split(LEFT_OUT).map(piece => wordsOf(piece)).filter(piece => piece !== ' '));
}

/** Letters and digits in one spelling, one space between the words and around them: punctuation is an editor's. */
const wordsOf = (text: string): string => ` ${text.normalize('NFKC').toLowerCase().replace(/['\u2018\u2019\u02BC]/g, '').replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim()} `.replace(/^ +$/, ' ');

interface Cited {
  readonly names: readonly string[];
  /** What may be something else than a citation is one where the conversation names all of it. */
  readonly sure: boolean;
}

const citedIn = (prose: string): Cited[] => [...prose.matchAll(BRACKETED)].flatMap(([, before = '', inside = '']) => {
  const range = RANGE.exec(inside);
  const names = range === null ? inside.split(/\s?[,;]\s?/) : between(Number(range[1]), Number(range[2]));
  return names.every(name => SOURCE.test(name)) ? [{ names: names.map(name => name.toLowerCase()), sure: before === '' && !OTHERWISE.test(inside) }] : [];
});

const between = (first: number, last: number): string[] => last - first >= WIDEST ? [] : Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => String(first + i));

/** Whether the conversation, in lower case, names a source; what is too much to look for is taken to be there. */
function namesIn(conversation: string): (source: string) => boolean {
  let numbers: ReadonlySet<string> | undefined;
  const sought = new Map<string, boolean>();
  return source => {
    if (/^\d+$/.test(source)) return (numbers ??= numbersIn(conversation)).has(source);
    const known = sought.get(source) ?? (sought.size >= MOST_SOUGHT || hasName(source, conversation));
    if (sought.size < MOST_SOUGHT) sought.set(source, known);
    return known;
  };
}

const numbersIn = (conversation: string): ReadonlySet<string> => new Set([...conversation.matchAll(NUMBERED)].map(([, ...numbers]) => numbers.join('')));

/** Not as a part of a longer name. */
const hasName = (source: string, conversation: string): boolean => new RegExp(`(?<![\\w-])${source.replace(/[^\w]/g, '\\$&')}(?![\\w-])`).test(conversation);

const conversationOf = (body: CallBody): string => messagesOf(body).map(({ content }) => textOf(content)).join('\n');
