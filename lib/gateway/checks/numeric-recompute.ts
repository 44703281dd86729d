/**
 * The arithmetic an answer shows, done again: each `15 + 25 = 40` must hold, also in a row such as `2 * 3 + 4 = 6 + 4 = 10`, and
 * where the answer names its final number (`#### 40`) that must be what its last equation came to. Equations with words or letters
 * in them are left alone, and so is what only looks like one, or is written in another way: decimal commas, powers, remainders,
 * ranges, dates.
 */
import { numberOf, valueOf } from './arithmetic';

const NUMBER = String.raw`(?:\d+(?:,\d{3})*(?!\d)(?:\.\d+)?|\.\d+)`;
const OPERAND = String.raw`[-(\s]{0,8}\$?${NUMBER}%?[\s)]{0,8}`;
const SIGN = '[-+*/x×÷]';
/** Of a number: what a power, an exponent or a separator of thousands joins to it. */
const BEFORE = String.raw`[-+*/x×÷\d.,=^]\s?|[A-Za-z'\u2019_]`;
const AFTER = String.raw`\s?[-+*/x×÷%/=^]|\d|,\d|[\u00B2\u00B3\u2070-\u2079]|[eE]\d|['\u2019_ \u00A0\u202F]\d{3}(?!\d)`;
/** A sum and what it is said to be. Not preceded by a part of a longer sum, nor followed by one. */
const EQUATION = new RegExp(String.raw`(?<!${BEFORE})${OPERAND}(?:${SIGN}${OPERAND}){1,20}(?:=\s?${OPERAND}(?:${SIGN}${OPERAND}){0,20}){1,6}(?!${AFTER})`, 'g');
const REMAINDER = /^[\s()]{0,8},?\s{0,3}(?:(?:with |and )?(?:an? )?(?:remainder|rest\b|r\.?\s?\d)|with \d{1,9} (?:left|remaining|to spare))/i;
/** A range or a date: `9-17`, `2024-01-15`, `555-1234`. */
const DASHES = /^[\s\d-]+$/;
const DATE = /^\s*\d{4}-\d\d?-\d\d?\s*$/;
/** As the data set GSM8K annotates them: `<<15+25=40>>`. */
const ANNOTATION = /<<([^<>=]{1,200}(?:=[^<>=]{1,200}){1,6})>>/g;
/** Without its sign, as RESULT: a loss of 5 may be told as 5. Models that run wild write a thousand spaces. */
const FINAL = new RegExp(String.raw`####\s{0,9}-?\s{0,9}\$?\s{0,9}(${NUMBER})(?![,'\u2019]?\d)`);
const RESULT = new RegExp(String.raw`=\s{0,9}-?\$?\s{0,9}(${NUMBER})([,'\u2019]?\d)?`, 'g');

const FIRST = new RegExp(String.raw`^\s{0,8}-?\s?\$?${NUMBER}%?`);
const PERCENT = new RegExp(String.raw`^(\s{0,8}-?\s?\$?\s?${NUMBER})%\s{0,8}$`);
const QUOTIENT = /[/÷]/;

/** Answers round: to cents, or to a percent. */
const roundsTo = (value: number, given: number): boolean => Math.abs(value - given) <= Math.max(0.011, 0.01 * Math.abs(given));

/** Why it does not hold, without a word of the answer; undefined where nothing speaks against it. */
export function recompute(answer: string): 'wrong-arithmetic' | 'final-number-differs' | undefined {
  const plain = answer.replace(ANNOTATION, '');
  if ([...answer.matchAll(ANNOTATION)].some(([, chain = '']) => isWrong(chain)) || equationsIn(plain).some(chain => isWrong(chain))) return 'wrong-arithmetic';
  const final = FINAL.exec(answer);
  if (final === null) return undefined;
  const last = [...answer.slice(0, final.index).matchAll(RESULT)].at(-1);
  return last !== undefined && last[2] === undefined && numberOf(last[1]!) !== numberOf(final[1]!) ? 'final-number-differs' : undefined;
}

const equationsIn = (text: string): string[] => [...text.matchAll(EQUATION)]
  .filter(({ 0: chain, index }) => !(QUOTIENT.test(chain) && REMAINDER.test(text.slice(index + chain.length, index + chain.length + 40)))).map(([chain]) => chain);

const isWrong = (chain: string): boolean => chain.split('=').some((member, i, members) => i > 0 && differ(members[i - 1]!, member));

function differ(left: string, right: string): boolean {
  const value = valueOf(left);
  const given = valueOf(right.replace(PERCENT, '$1'));
  if (value === undefined || given === undefined || (DASHES.test(left) && (DATE.test(left) || (value < 0 && given >= 0)))) return false;
  // `30 / 120 = 25%` says the same as .25; of a quotient the sign is often left out.
  const percent = PERCENT.test(right) || QUOTIENT.test(left);
  const is = (said: number): boolean => roundsTo(value, said) || (percent && roundsTo(value * 100, said));
  // In `2 + 3 = 5 + 4 = 9` somebody counts on from the 5.
  return !is(given) && !is(valueOf(FIRST.exec(right)?.[0] ?? '') ?? NaN);
}
