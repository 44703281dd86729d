/** The texts of a message, in a string or in parts. Everything else of a message, known or not, stays as it came. */
import { Message } from '../conversation';

type Fields = Readonly<Record<string, unknown>>;

export function textsOf({ content }: Message): readonly string[] {
  if (typeof content === 'string') return [content];
  return Array.isArray(content) ? content.flatMap((part: unknown) => textOfPart(part) ?? []) : [];
}

/** The message with each text as `change` gives it; the very same message where all of them stay. */
export function withTexts(message: Message, change: (text: string, index: number) => string): Message {
  const { content } = message;
  if (typeof content === 'string') {
    const changed = change(content, 0);
    return changed === content ? message : { ...message, content: changed };
  }
  if (!Array.isArray(content)) return message;
  let [index, same] = [0, true];
  const parts = content.map((part: unknown) => {
    const text = textOfPart(part);
    if (text === undefined) return part;
    const changed = change(text, index++);
    if (changed === text) return part;
    same = false;
    return { ...part as Fields, text: changed };
  });
  return same ? message : { ...message, content: parts };
}

/** Nothing but text, an image for one, is in it. */
export const isAllText = ({ content }: Message): boolean =>
  typeof content === 'string' || (Array.isArray(content) && content.every((part: unknown) => textOfPart(part) !== undefined));

function textOfPart(part: unknown): string | undefined {
  const text = typeof part === 'object' && part !== null ? (part as Fields).text : undefined;
  return typeof text === 'string' ? text : undefined;
}
