/** What of a conversation can be left out in one piece, the oldest first, so that what stays is a conversation still. */
import { Message } from '../conversation';

/** Indices of messages that stay or go together. */
export type Unit = readonly number[];

/**
 * Turns: a message of the user with all that answers it, calls of tools and what they gave included. Of the last turn, whose
 * message stays, the rounds of tools but the last one, as an agent makes them. Never the system's and developer's messages, and
 * never the first message of the user, which says what it is all about.
 */
export function droppable(messages: readonly Message[]): Unit[] {
  const users = messages.flatMap(({ role }, i) => role === 'user' ? [i] : []);
  const first = users[0] ?? messages.length;
  const last = users.at(-1) ?? -1;
  const own = (from: number, to: number): Unit => Array.from({ length: to - from }, (_, i) => from + i).filter(i => !isInstruction(messages[i]!) && i !== first && i !== last);
  const turns = users.slice(0, -1).map((start, i) => own(start, users[i + 1]!));
  const before = own(0, first);
  return [before, ...turns, ...rounds(messages, last + 1).slice(0, -1)].filter(unit => unit.length > 0);
}

/** Each message of the assistant with the tools' answers to it. */
function rounds(messages: readonly Message[], from: number): Unit[] {
  const found: number[][] = [];
  for (let i = from; i < messages.length; i++) {
    if (isInstruction(messages[i]!)) continue;
    if (messages[i]!.role === 'assistant' || found.length === 0) found.push([i]);
    else found.at(-1)!.push(i);
  }
  return found;
}

export const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';
