/**
 * The arithmetic an answer shows, done again: each `15 + 25 = 40` must hold, and where the answer names its final number
 * (`#### 40`) that must be what its last equation came to. Equations with words or letters in them are left alone.
 */
import { numberOf, valueOf } from './arithmetic';

const NUMBER = String.raw`(?:\d[\d,]*(?:\.\d+)?|\.\d+)`;
const OPERAND = String.raw`[-(\s]{0,8}\$?${NUMBER}%?[\s)]{0,8}`;
/** Not preceded by a part of a longer sum, nor followed by one. */
const EQUATION = new RegExp(String.raw`(?<![-+*/x×÷\d.,=]\s?)(${OPERAND}(?:[-+*/x×÷]${OPERAND}){1,20})=\s?(-?)\s?\$?\s?(${NUMBER})%?(?!\s?[-+*/x×÷%/]|\d)`, 'g');
/** As the data set GSM8K annotates them: `<<15+25=40>>`. */
const ANNOTATION = /<<([^<>=]{1,200})=(-?)\$?([^<>]{1,40})>>/g;
/** Without its sign, as RESULT: a loss of 5 may be told as 5. */
const FINAL = new RegExp(String.raw`####\s*-?\s*\$?\s*(${NUMBER})`);
const RESULT = new RegExp(String.raw`=\s*-?\$?\s*(${NUMBER})`, 'g');

/** Answers round: to cents, or to a percent. */
const roundsTo = (value: number, given: number): boolean => Math.abs(value - given) <= Math.max(0.011, 0.01 * Math.abs(given));

/** Why it does not hold, without a word of the answer; undefined where nothing speaks against it. */
export function recompute(answer: string): 'wrong-arithmetic' | 'final-number-differs' | undefined {
  const plain = answer.replace(ANNOTATION, '');
  if ([...answer.matchAll(ANNOTATION), ...plain.matchAll(EQUATION)].some(isWrong)) return 'wrong-arithmetic';
  const final = FINAL.exec(answer);
  if (final === null) return undefined;
  const last = [...answer.slice(0, final.index).matchAll(RESULT)].at(-1);
  return last !== undefined && numberOf(last[1]!) !== numberOf(final[1]!) ? 'final-number-differs' : undefined;
}

function isWrong([, sum = '', minus, result = '']: RegExpMatchArray): boolean {
  const value = valueOf(sum);
  const digits = numberOf(result);
  if (value === undefined || Number.isNaN(digits)) return false;
  const given = minus === '-' ? -digits : digits;
  // `30 / 120 = 25%` says the same as .25.
  return !roundsTo(value, given) && !roundsTo(value * 100, given);
}
