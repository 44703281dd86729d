/**
 * Of long messages that were sent more than once, the first copy stays. A short mark takes the place of the others, so that user
 * and assistant still take turns, which some models' templates insist on.
 */
import { Message } from '../conversation';
import { SHORTEST_CHUNK } from './chunks';
import { isAllText, textsOf } from './message-texts';

const LEFT_OUT = '[Repeats an earlier message; left out.]';

export class DuplicateMessages {
  private readonly keys = new Map<Message, string | undefined>();
  private readonly made = new Map<Message, Message>();

  /** Of the last `spared` messages none is replaced. */
  public without(messages: readonly Message[], spared: number): readonly Message[] {
    const seen = new Set<string>();
    return messages.map((message, i) => {
      const key = this.keyOf(message);
      if (key === undefined) return message;
      if (!seen.has(key)) {
        seen.add(key);
        return message;
      }
      return i < messages.length - spared ? this.replaced(message) : message;
    });
  }

  private keyOf(message: Message): string | undefined {
    if (!this.keys.has(message)) this.keys.set(message, mayRepeat(message) ? JSON.stringify(message) : undefined);
    return this.keys.get(message);
  }

  private replaced(message: Message): Message {
    let one = this.made.get(message);
    if (one === undefined) this.made.set(message, one = { ...message, content: LEFT_OUT });
    return one;
  }
}

/** What is done with a tool is another thing each time, whatever it is called with. */
const mayRepeat = (message: Message): boolean => (message.role === 'user' || message.role === 'assistant')
  && message.tool_calls === undefined && message.function_call === undefined
  && isAllText(message) && textsOf(message).reduce((sum, text) => sum + text.length, 0) >= SHORTEST_CHUNK;
