/** The milder steps: what a conversation can do without while every message stays. */
import { TRIMMINGS } from '../../contracts/usage-record';
import { Message } from '../conversation';
import { Pieces, Repeats } from './repeats';
import { capped } from './tool-outputs';
import { isInstruction } from './turns';
import { withoutIdleSpace } from './whitespace';

export type Trimming = (typeof TRIMMINGS)[number];

/** Each with those before it. */
export const MILD = TRIMMINGS.filter(step => step !== 'turns');

/** Of one prompt, whose texts are looked at many times while it is cut. */
export class Reducer {
  private readonly tidied = new Map<string, string>();
  private readonly pieces = new Map<string, Pieces>();

  /** `steps`: how many of MILD. Messages in which nothing changes are the same ones. */
  public reduced(messages: readonly Message[], steps: number): readonly Message[] {
    const wanted = (step: Trimming): boolean => TRIMMINGS.indexOf(step) < steps;
    const repeats = new Repeats(this.pieces);
    const last = messages.findLastIndex(({ role }) => role === 'user');
    return messages.map((message, i) => {
      if (isInstruction(message)) return message;
      const { role } = message;
      const isTool = role === 'tool' || role === 'function';
      return withText(message, text => {
        // What a tool gave may be code without a fence.
        let now = wanted('whitespace') && !isTool ? this.tidy(text) : text;
        if (wanted('duplicate-messages') && !isTool && i !== last && typeof message.content === 'string') now = repeats.message(role, now);
        if (wanted('duplicate-chunks')) now = repeats.text(now);
        return wanted('tool-outputs') && isTool ? capped(now) : now;
      });
    });
  }

  /** Which of the steps make a difference. */
  public changing(messages: readonly Message[], steps: number): Trimming[] {
    let before = messages;
    return MILD.slice(0, steps).filter((_, i) => {
      const after = this.reduced(messages, i + 1);
      const changed = after.some((message, at) => JSON.stringify(message.content) !== JSON.stringify(before[at]!.content));
      before = after;
      return changed;
    });
  }

  private tidy(text: string): string {
    let tidied = this.tidied.get(text);
    if (tidied === undefined) this.tidied.set(text, tidied = withoutIdleSpace(text));
    return tidied;
  }
}

/** Its texts changed, all else as it is. */
function withText(message: Message, change: (text: string) => string): Message {
  const { content } = message;
  if (typeof content === 'string') {
    const changed = change(content);
    return changed === content ? message : { ...message, content: changed };
  }
  if (!Array.isArray(content)) return message;
  const parts = content.map((part: unknown) => {
    if (typeof part !== 'object' || part === null || !('text' in part) || typeof part.text !== 'string') return part;
    const text = change(part.text);
    return text === part.text ? part : { ...part, text };
  });
  return parts.every((part, i) => part === content[i]) ? message : { ...message, content: parts };
}
