/**
 * The language of an answer, by tinyld's small profiles of 24 languages (81 KB): of sentences in twelve languages it knew all, of
 * 40 characters 97%; others are larger or know fewer.
 */
import { detectAll, supportedLanguages, toISO2 } from 'tinyld/light';
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

/** Of 1, below which the profiles guess; full sentences have .054 and more. */
const LEAST_ACCURACY = 0.05;
/** Notes such as `Pt c/o HA x3d, afebrile, RRR` are in no language that the profiles know; sentences have at most a twentieth of these. */
const MOST_ABBREVIATED = 0.25;
/** Capitals, words joined by / or with a digit, and words without a vowel. */
const ABBREVIATION = /^(?:[A-Z]{2,5}|\p{L}+\/\S*|(?=\S*\d)\S*\p{L}\S*|[b-df-hj-np-tv-xzA-DF-HJ-NP-TV-XZ][b-df-hj-np-tv-xz]{1,5})$/u;

export const language = ({ languages }: { readonly languages: readonly string[] }): Check => ofText(({ text }) => {
  const whole = text.slice(0, MOST_READ).replace(NO_PROSE, ' ').slice(0, MOST_CHARACTERS);
  const prose = whole.replace(NAME, '');
  if (lettersOf(prose) < FEWEST_LETTERS || isAbbreviated(whole)) return undefined;
  const [{ lang: found, accuracy } = { lang: '', accuracy: 0 }] = detectAll(prose);
  return accuracy < LEAST_ACCURACY || languages.includes(found) ? undefined : `is in ${found}, not in ${languages.join(' or ')}`;
});

export function languageProblems({ languages }: { readonly languages: readonly string[] }, place: string): string[] {
  return languages.flatMap((each, i) => KNOWN.has(each) ? [] : [`${place}.languages.${i} is ${each}, which nothing here can tell: known are ${[...KNOWN].toSorted().join(', ')}`]);
}

function isAbbreviated(prose: string): boolean {
  const words = prose.split(/[^\p{L}\p{M}\d/'\u2019]+/u).filter(word => /\p{L}/u.test(word));
  return words.filter(word => ABBREVIATION.test(word)).length > MOST_ABBREVIATED * words.length;
}

const lettersOf = (text: string): number =>
  (text.match(/\p{L}/gu)?.length ?? 0) + (WIDE - 1) * (text.match(/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu)?.length ?? 0);
