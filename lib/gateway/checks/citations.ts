/** What an answer cites is in the conversation: passages in quotation marks word for word, and sources such as [3] or [doc-7] by their names. */
import { textOf } from '../completion';
import { messagesOf } from '../conversation';
import { CallBody } from '../request-body';
import { Check, ofText } from './answer';

/** Shorter ones are names, titles and words at a distance. */
const FEWEST_WORDS = 5;
const QUOTED = /"([^"\n]{1,2000})"|\u201C([^\u201C\u201D\n]{1,2000})\u201D|\u201E([^\u201C\u201D\u201E\n]{1,2000})[\u201C\u201D]|\u00AB([^\u00AB\u00BB\n]{1,2000})\u00BB/g;
/** One or several, of numbers or of names with a digit; what is followed by ( or : is a link. */
const BRACKETED = /\[((?:[A-Za-z0-9][\w.#-]{0,60})(?:\s?[,;\u2013]\s?[A-Za-z0-9][\w.#-]{0,60}){0,20})\](?![(:])/g;
const SOURCE = /^(?:\d{1,3}|(?=[\w.#-]*\d)[A-Za-z][\w.#-]*)$/;
const RANGE = /^(\d{1,3})\s?[\u2013-]\s?(\d{1,3})$/;
/** A list in code has brackets, too. */
const CODE = /```[^]*?(?:```|$)|`[^`\n]{0,500}`/g;
/** What an author left out, or said otherwise in square brackets. */
const LEFT_OUT = /\s*(?:\[[^\]]{0,60}\]|\.\.\.|\u2026)\s*/;

export const citations = ({ min }: { readonly min: number }): Check => ofText(({ text, body }) => {
  const prose = text.replace(CODE, ' ');
  const passages = passagesIn(prose);
  const sources = [...new Set(sourcesIn(prose))];
  if (passages.length + sources.length < min) return `cites ${passages.length + sources.length} passages and sources, fewer than ${min}`;
  if (passages.length + sources.length === 0) return undefined;
  const conversation = conversationOf(body);
  const words = passages.length === 0 ? '' : wordsOf(conversation);
  const invented = passages.filter(passage => !passage.every(piece => words.includes(piece))).length;
  if (invented > 0) return `quotes ${invented} of ${passages.length} passages that the conversation does not have`;
  const unknown = sources.filter(source => !isNamed(source, conversation)).length;
  return unknown > 0 ? `cites ${unknown} of ${sources.length} sources that the conversation does not name` : undefined;
});

/** Each in the pieces that must be there word for word. */
function passagesIn(prose: string): readonly (readonly string[])[] {
  return [...prose.matchAll(QUOTED)].map(([, ...texts]) => texts.join(''))
    .filter(text => text.trim().split(/\s+/).length >= FEWEST_WORDS)
    .map(text => text.split(LEFT_OUT).map(piece => wordsOf(piece)).filter(piece => piece !== ' '));
}

/** Letters and digits in one spelling, one space between the words and around them: punctuation is an editor's. */
const wordsOf = (text: string): string => ` ${text.normalize('NFKC').toLowerCase().replace(/['\u2018\u2019\u02BC]/g, '').replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim()} `.replace(/^ +$/, ' ');

const sourcesIn = (prose: string): string[] => [...prose.matchAll(BRACKETED)].flatMap(([, inside = '']) => {
  const range = RANGE.exec(inside);
  const names = range === null ? inside.split(/\s?[,;]\s?/) : between(Number(range[1]), Number(range[2]));
  return names.every(name => SOURCE.test(name)) ? names.map(name => name.toLowerCase()) : [];
});

const between = (first: number, last: number): string[] => Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => String(first + i));

/** A number alone is in many texts: it has to look like the name of a source. */
function isNamed(source: string, conversation: string): boolean {
  const name = source.replace(/[^\w]/g, '\\$&');
  const pattern = /^\d+$/.test(source)
    ? `\\[${name}\\]|(?:^|\\n)[ \\t]{0,8}\\(?${name}[.):]|(?:\\b(?:doc|document|source|passage|chunk|ref|reference|article|result|context|snippet|section|item|id)s?|#)[ \\t]{0,3}[-_#:=]?[ \\t]{0,3}["']?${name}\\b`
    : `(?<![\\w-])${name}(?![\\w-])`;
  return new RegExp(pattern, 'i').test(conversation);
}

const conversationOf = (body: CallBody): string => messagesOf(body).map(({ content }) => textOf(content)).join('\n');
