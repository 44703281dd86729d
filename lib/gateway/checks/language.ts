/**
 * The language of an answer, by tinyld's small profiles of 24 languages (81 KB): of sentences in twelve languages it knew all, of
 * 40 characters 97%; others are larger or know fewer.
 */
import { detect, supportedLanguages, toISO2 } from 'tinyld/light';
import { Check, ofText } from './answer';

const KNOWN: ReadonlySet<string> = new Set(supportedLanguages.map(language => toISO2(language)));

/** Where three sentences tell, more only take time. */
const MOST_CHARACTERS = 400;
/** Behind so much of code nobody looks for prose. */
const MOST_READ = 20_000;
/** Of fewer letters nobody can tell; a Chinese character says as much as three letters. */
const FEWEST_LETTERS = 40;
const WIDE = 3;

/** Code, the names in JSON, links and addresses are in no language, or in English everywhere. */
const NO_PROSE = /```[^]*?(?:```|$)|`[^`\n]{0,200}`|"[^"\n]{0,100}"\s{0,3}:|https?:\/\/\S{1,2000}|[^\s@]{1,64}@[^\s@]{1,64}|<\/?[a-z][^<>]{0,200}>/gi;

/** Names are in a language of their own. German loses its nouns by this, and is known by the rest. */
const NAME = /(?<=[\p{Ll},;] )\p{Lu}[\p{L}\p{M}'\u2019-]*/gu;

export const language = ({ languages }: { readonly languages: readonly string[] }): Check => ofText(({ text }) => {
  const prose = text.slice(0, MOST_READ).replace(NO_PROSE, ' ').slice(0, MOST_CHARACTERS).replace(NAME, '');
  if (lettersOf(prose) < FEWEST_LETTERS) return undefined;
  const found = detect(prose);
  return found === '' || languages.includes(found) ? undefined : `is in ${found}, not in ${languages.join(' or ')}`;
});

export function languageProblems({ languages }: { readonly languages: readonly string[] }, place: string): string[] {
  return languages.flatMap((each, i) => KNOWN.has(each) ? [] : [`${place}.languages.${i} is ${each}, which nothing here can tell: known are ${[...KNOWN].toSorted().join(', ')}`]);
}

const lettersOf = (text: string): number =>
  (text.match(/\p{L}/gu)?.length ?? 0) + (WIDE - 1) * (text.match(/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu)?.length ?? 0);
