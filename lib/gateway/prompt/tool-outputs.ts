/** What tools gave, cut in the middle: its begin says what it is, its end how it came out. */
import { Message } from '../conversation';
import { withTexts } from './message-texts';

/** Less is not worth a mark. */
const LEAST_LEFT_OUT = 200;

export const isToolOutput = ({ role }: Message): boolean => role === 'tool' || role === 'function';

export const cutToolOutput = (message: Message, most: number): Message => withTexts(message, text => cutInTheMiddle(text, most));

export function cutInTheMiddle(text: string, most: number): string {
  if (text.length < most + LEAST_LEFT_OUT) return text;
  const half = most / 2;
  const head = text.slice(0, splitsPair(text, half) ? half - 1 : half);
  const tail = text.slice(splitsPair(text, text.length - half) ? text.length - half + 1 : text.length - half);
  return `${head}\n[... ${text.length - head.length - tail.length} characters left out ...]\n${tail}`;
}

/** Between the two halves of a character beyond the first 65,536. */
const splitsPair = (text: string, at: number): boolean => /[\ud800-\udbff]/.test(text[at - 1]!) && /[\udc00-\udfff]/.test(text[at]!);
