/** A pattern that the answer must have, or must not. */
import { compilePattern, has, patternProblem } from '../patterns';
import { Check, ofText } from './answer';

interface Config {
  readonly pattern: string;
  readonly flags: string;
  readonly absent: boolean;
}

export function regex({ pattern, flags, absent }: Config): Check {
  const compiled = compilePattern(pattern, flags);
  // What must not be said must not be said beside a call of a tool either.
  if (absent) return ({ text }) => has(text, compiled) ? 'has a match of the pattern' : undefined;
  return ofText(({ text }) => has(text, compiled) ? undefined : 'has no match of the pattern');
}

export function regexProblems({ pattern, flags }: Config, place: string): string[] {
  const problem = patternProblem(pattern, flags, `${place}.pattern`);
  return problem === undefined ? [] : [problem];
}
