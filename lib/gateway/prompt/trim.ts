/**
 * A conversation cut to its limit in big steps. The client sends all of it each time and nothing is remembered, so the messages
 * are walked as if they came one by one: when what is kept passes the upper mark it is cut down to the lower one, and until it
 * passes that again what was kept stays as it is. So the beginning, by which a provider finds its cached prompt, seldom changes.
 */
import { Message } from '../conversation';
import { MILD, Reducer, Trimming } from './reduce';
import { droppable } from './turns';

export interface Marks {
  /** Tokens. */
  readonly upper: number;
  readonly lower: number;
}

export interface Trimmed {
  readonly messages: readonly Message[];
  readonly by: readonly Trimming[];
}

type Size = (messages: readonly Message[]) => number;

export function trim(messages: readonly Message[], { upper, lower }: Marks, size: Size): Trimmed {
  const reducer = new Reducer();
  // What was left of it as it came, and as it is sent.
  let left: Message[] = [];
  let sent: Message[] = [];
  let last: Cut | undefined;
  let tokens = 0;
  for (const [i, message] of messages.entries()) {
    left.push(message);
    sent.push(message);
    tokens += size([message]);
    if (tokens <= upper || !isMoment(messages, i)) continue;
    last = cutTo(lower, left, size, reducer);
    left = [...last.left];
    sent = [...last.sent];
    tokens = size(sent);
  }
  if (last === undefined) return { messages, by: [] };
  return { messages: sent, by: [...reducer.changing(last.left, last.steps), ...left.length < messages.length ? ['turns' as const] : []] };
}

/** When a model would be asked: after the user's word, and after the last answer of the tools. In between a conversation is not whole. */
function isMoment(messages: readonly Message[], i: number): boolean {
  const { role } = messages[i]!;
  return i === messages.length - 1 || role === 'user' || (role === 'tool' && messages[i + 1]!.role !== 'tool');
}

interface Cut {
  readonly left: readonly Message[];
  readonly sent: readonly Message[];
  /** Of the mild ones. */
  readonly steps: number;
}

function cutTo(mark: number, messages: readonly Message[], size: Size, reducer: Reducer): Cut {
  const all = MILD.length;
  const mild = reducer.reduced(messages, all);
  if (size(mild) <= mark) {
    for (let steps = 1; steps < all; steps++) {
      const sent = reducer.reduced(messages, steps);
      if (size(sent) <= mark) return { left: messages, sent, steps };
    }
    return { left: messages, sent: mild, steps: all };
  }
  const units = droppable(messages);
  const without = (count: number): readonly Message[] => {
    const gone = new Set(units.slice(0, count).flat());
    return messages.filter((_, i) => !gone.has(i));
  };
  // A passage comes back whole where the one it repeats is left out, so this may leave out a turn too many, and never one too few.
  let [from, to] = [0, units.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (size(reducer.reduced(without(middle), all)) <= mark) to = middle;
    else from = middle + 1;
  }
  const left = without(from);
  return { left, sent: reducer.reduced(left, all), steps: all };
}
