/**
 * A conversation as it came about: what was sent at once, and its turn groups, each of them what a user said and everything until
 * the user speaks again. A tool's call and its result are always in the same one.
 */
import { Message } from '../conversation';

export interface Left {
  readonly messages: readonly Message[];
  /** How many are missing. */
  readonly leftOut: number;
}

export class Turns {
  /** Of the first message of each group. */
  private readonly starts: readonly number[];
  /** After what the user said first: the task. */
  private readonly taskEnd: number;
  private readonly marks = new Map<number, Message>();

  public constructor(public readonly messages: readonly Message[]) {
    this.starts = startsOf(messages);
    let end = this.starts[0] ?? 0;
    while (messages[end]?.role === 'user') end++;
    this.taskEnd = end;
  }

  /** How many messages there were each time a model was asked: up to each answer, and all. */
  public get sent(): readonly number[] {
    const ends = this.messages.flatMap(({ role }, i) => role === 'assistant' && i > 0 && this.messages[i - 1]!.role !== 'assistant' ? [i] : []);
    return [...ends, this.messages.length];
  }

  /** Groups of the first `end` messages that may be left out: all but the last one. */
  public droppable(end: number): number {
    return Math.max(this.groups(end) - 1, 0);
  }

  /** Of the first `end` messages how many are its last group. */
  public lastGroup(end: number): number {
    const groups = this.groups(end);
    return groups === 0 ? 0 : end - this.starts[groups - 1]!;
  }

  /** Of the first `end` messages how many came after the last answer: no model has seen them. */
  public unanswered(end: number): number {
    let from = end;
    while (from > 0 && this.messages[from - 1]!.role !== 'assistant') from--;
    return end - from;
  }

  /**
   * The first `end` messages without their first `groups` groups, of which the instructions and the task stay. A short answer says
   * what is missing, and keeps the turns.
   */
  public without(groups: number, end: number): Left {
    const from = groups === 0 ? 0 : Math.min(this.starts[groups] ?? end, end);
    const middle = this.messages.slice(this.taskEnd, Math.max(from, this.taskEnd));
    const instructions = middle.filter(isInstruction);
    const leftOut = middle.length - instructions.length;
    if (leftOut === 0) return { messages: this.messages.slice(0, end), leftOut };
    return { messages: [...this.messages.slice(0, this.taskEnd), this.mark(leftOut), ...instructions, ...this.messages.slice(from, end)], leftOut };
  }

  private mark(count: number): Message {
    let mark = this.marks.get(count);
    if (mark === undefined) this.marks.set(count, mark = { role: 'assistant', content: `[${count} earlier message${count === 1 ? '' : 's'} left out.]` });
    return mark;
  }

  private groups(end: number): number {
    const next = this.starts.findIndex(start => start >= end);
    return next < 0 ? this.starts.length : next;
  }
}

/** A user's messages in a row, such as a context and a question about it, begin one group. */
function startsOf(messages: readonly Message[]): readonly number[] {
  let before: unknown;
  return messages.flatMap((message, i) => {
    if (isInstruction(message)) return [];
    const starts = message.role === 'user' && before !== 'user';
    before = message.role;
    return starts ? [i] : [];
  });
}

export const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';
