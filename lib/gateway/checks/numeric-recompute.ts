/**
 * The arithmetic an answer shows, done again: each `15 + 25 = 40` must hold, also in a row such as `2 * 3 + 4 = 6 + 4 = 10`, and
 * where the answer names its final number (`#### 40`) that must be what its last equation came to. Equations with words or letters
 * in them are left alone.
 */
import { numberOf, valueOf } from './arithmetic';

const NUMBER = String.raw`(?:\d[\d,]*(?:\.\d+)?|\.\d+)`;
const OPERAND = String.raw`[-(\s]{0,8}\$?${NUMBER}%?[\s)]{0,8}`;
const SIGN = '[-+*/x×÷]';
/** A sum and what it is said to be. Not preceded by a part of a longer sum, nor followed by one. */
const EQUATION = new RegExp(String.raw`(?<![-+*/x×÷\d.,=]\s?)${OPERAND}(?:${SIGN}${OPERAND}){1,20}(?:=\s?${OPERAND}(?:${SIGN}${OPERAND}){0,20}){1,6}(?!\s?[-+*/x×÷%/=]|\d)`, 'g');
/** As the data set GSM8K annotates them: `<<15+25=40>>`. */
const ANNOTATION = /<<([^<>=]{1,200}(?:=[^<>=]{1,200}){1,6})>>/g;
/** Without its sign, as RESULT: a loss of 5 may be told as 5. Models that run wild write a thousand spaces. */
const FINAL = new RegExp(String.raw`####\s{0,9}-?\s{0,9}\$?\s{0,9}(${NUMBER})`);
const RESULT = new RegExp(String.raw`=\s{0,9}-?\$?\s{0,9}(${NUMBER})`, 'g');

const FIRST = new RegExp(String.raw`^\s{0,8}-?\s?\$?${NUMBER}%?`);
const PERCENT = new RegExp(String.raw`^(\s{0,8}-?\s?\$?\s?${NUMBER})%\s{0,8}$`);
const QUOTIENT = /[/÷]/;

/** Answers round: to cents, or to a percent. */
const roundsTo = (value: number, given: number): boolean => Math.abs(value - given) <= Math.max(0.011, 0.01 * Math.abs(given));

/** Why it does not hold, without a word of the answer; undefined where nothing speaks against it. */
export function recompute(answer: string): 'wrong-arithmetic' | 'final-number-differs' | undefined {
  const plain = answer.replace(ANNOTATION, '');
  if ([...answer.matchAll(ANNOTATION)].some(([, chain = '']) => isWrong(chain)) || [...plain.matchAll(EQUATION)].some(([chain]) => isWrong(chain))) return 'wrong-arithmetic';
  const final = FINAL.exec(answer);
  if (final === null) return undefined;
  const last = [...answer.slice(0, final.index).matchAll(RESULT)].at(-1);
  return last !== undefined && numberOf(last[1]!) !== numberOf(final[1]!) ? 'final-number-differs' : undefined;
}

const isWrong = (chain: string): boolean => chain.split('=').some((member, i, members) => i > 0 && differ(members[i - 1]!, member));

function differ(left: string, right: string): boolean {
  const value = valueOf(left);
  const given = valueOf(right.replace(PERCENT, '$1'));
  if (value === undefined || given === undefined) return false;
  // `30 / 120 = 25%` says the same as .25; of a quotient the sign is often left out.
  const percent = PERCENT.test(right) || QUOTIENT.test(left);
  const is = (said: number): boolean => roundsTo(value, said) || (percent && roundsTo(value * 100, said));
  // In `2 + 3 = 5 + 4 = 9` somebody counts on from the 5.
  return !is(given) && !is(valueOf(FIRST.exec(right)?.[0] ?? '') ?? NaN);
}
