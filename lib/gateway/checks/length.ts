/** Characters of an answer, without outer space. */
import { Check, ofText } from './answer';

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export const length = ({ min = 0, max = Infinity }: Bounds): Check => ofText(({ text }) => {
  const characters = count(text.trim());
  if (characters < min) return `has ${characters} characters, fewer than ${min}`;
  return characters > max ? `has ${characters} characters, more than ${max}` : undefined;
});

export function lengthProblems({ min, max }: Bounds, place: string): string[] {
  if (min === undefined && max === undefined) return [`${place} has neither min nor max: give at least one`];
  return min !== undefined && max !== undefined && min > max ? [`${place}.min is ${min}, more than its max of ${max}: no answer has such a length`] : [];
}

/** What is two in memory, such as an emoji, is one to a reader. */
const count = (text: string): number => text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
