/**
 * Trims a conversation in big steps. A client sends all of it each time and nothing is kept here, but a provider charges a tenth
 * for a prompt that begins as the one before. So the conversation is gone through as it came about: each time what is kept passes
 * 90% of the limit it is cut to 60%, and what comes after is appended as it is. Between two cuts, each prompt begins with the last.
 */
import { TRIMMINGS } from '../../contracts/usage-record';
import { Message } from '../conversation';
import { DuplicateChunks } from './duplicate-chunks';
import { DuplicateMessages } from './duplicate-messages';
import { withTexts } from './message-texts';
import { PromptTokens } from './prompt-tokens';
import { cutToolOutput, isToolOutput } from './tool-outputs';
import { Turns, isInstruction } from './turns';
import { withoutExtraSpace } from './white-space';

export type Trimming = typeof TRIMMINGS[number];

/** Of the limit: where a cut is made, how far down, and how much must have come since the last one where that was too little. */
export const HIGH = 0.9;
const LOW = 0.6;
const APART = 0.05;

/** Characters of a tool's output, as much as helps: of those that a model has answered, and of those it has yet to see. */
const ANSWERED_OUTPUTS = [4_000, 1_000, 250];
const NEW_OUTPUTS = [16_000, 4_000, 1_000];

export interface Trimmed {
  readonly messages: readonly Message[];
  /** With those of the rest of the body. */
  readonly tokens: number;
  readonly by: readonly Trimming[];
}

interface Draft extends Trimmed {
  /** Groups that are left out. */
  readonly dropped: number;
}

/** `rest`: tokens of the body without its messages. */
export function trimConversation(messages: readonly Message[], rest: number, maxInput: number, tokens: PromptTokens): Trimmed {
  const turns = new Turns(messages);
  const cutter = new Cutter(turns, rest, maxInput, tokens);
  let [draft, cutAt]: [Draft, number] = [{ messages: [], tokens: rest, by: [], dropped: 0 }, 0];
  let [kept, from] = [rest, 0];
  for (const end of turns.sent) {
    for (; from < end; from++) kept += tokens.of(messages[from]!);
    const due = kept > HIGH * maxInput && (cutAt === 0 || kept - draft.tokens >= APART * maxInput);
    if (!due && !(kept > maxInput && end === messages.length)) continue;
    draft = cutter.cut(end, draft.dropped);
    cutAt = end;
    kept = draft.tokens;
  }
  return { messages: [...draft.messages, ...messages.slice(cutAt)], tokens: kept, by: draft.by };
}

type Step = (messages: readonly Message[]) => readonly Message[];

class Cutter {
  private readonly duplicateMessages = new DuplicateMessages();
  private readonly duplicateChunks = new DuplicateChunks();
  private readonly spaced = new Map<Message, Message>();
  private readonly cutOutputs = new Map<number, Map<Message, Message>>();
  private readonly low: number;
  private readonly high: number;

  public constructor(private readonly turns: Turns, private readonly rest: number, private readonly maxInput: number, private readonly tokens: PromptTokens) {
    [this.low, this.high] = [LOW * maxInput, HIGH * maxInput];
  }

  /** Of the first `end` messages, of which `dropped` groups are left out already: what they are short of, a model does not get back. */
  public cut(end: number, dropped: number): Draft {
    const mild = this.mild(end, dropped, this.low);
    let draft = mild.tokens > this.low ? this.withoutTurns(mild, end) : mild;
    for (const most of NEW_OUTPUTS) {
      if (draft.tokens <= this.maxInput) break;
      draft = this.step(draft, 'tool-outputs', messages => this.withOutputs(messages, most, 0));
    }
    return draft;
  }

  /** All that leaves the other turns whole, mildest first, until there are no more tokens than `enough`. */
  private mild(end: number, dropped: number, enough: number): Draft {
    const { messages, leftOut } = this.turns.without(dropped, end);
    let draft: Draft = { messages, dropped, tokens: this.rest + this.tokens.ofAll(messages), by: leftOut === 0 ? [] : ['turns'] };
    const steps: readonly (readonly [Trimming, Step])[] = [
      ['whitespace', those => those.map(message => this.withoutExtraSpace(message))],
      ['duplicate-messages', those => this.duplicateMessages.without(those, this.turns.lastGroup(end))],
      ['duplicate-chunks', those => this.duplicateChunks.without(those)],
    ];
    for (const [trimming, step] of steps) {
      if (draft.tokens <= enough) return draft;
      draft = this.step(draft, trimming, step);
    }
    const whole = draft;
    for (const most of ANSWERED_OUTPUTS) {
      if (draft.tokens <= enough) return draft;
      draft = this.step(whole, 'tool-outputs', those => this.withOutputs(those, most, this.turns.unanswered(end)));
    }
    return draft;
  }

  /** As few of the oldest groups as are enough. */
  private withoutTurns(mild: Draft, end: number): Draft {
    const all = this.turns.droppable(end);
    if (all <= mild.dropped) return mild;
    const least = this.mild(end, all, 0);
    if (least.tokens >= this.high) return least.tokens < mild.tokens ? least : mild;
    // Where instructions, task and last turn alone are above it, all the rest would have to go each time: half way there is room, too.
    const enough = least.tokens <= this.low ? this.low : (least.tokens + this.high) / 2;
    if (mild.tokens <= enough) return mild;
    let [short, found] = [mild.dropped, all];
    while (found - short > 1) {
      const middle = Math.floor((short + found) / 2);
      if (this.mild(end, middle, enough).tokens <= enough) found = middle;
      else short = middle;
    }
    return this.mild(end, found, enough);
  }

  /** A step keeps the number of messages. Of each it counts only where it is fewer tokens. */
  private step(draft: Draft, trimming: Trimming, step: Step): Draft {
    let saved = 0;
    const messages = step(draft.messages).map((made, i) => {
      const before = draft.messages[i]!;
      if (made === before) return before;
      const fewer = this.tokens.of(before) - this.tokens.of(made);
      if (fewer <= 0) return before;
      saved += fewer;
      return made;
    });
    return saved === 0 ? draft : { ...draft, messages, tokens: draft.tokens - saved, by: [...draft.by, trimming] };
  }

  /** Instructions stay as they are: other conversations begin with them, too. */
  private withoutExtraSpace(message: Message): Message {
    // What a tool gave may be code that nothing marks as such.
    if (isInstruction(message) || isToolOutput(message)) return message;
    return remembered(this.spaced, message, () => withTexts(message, withoutExtraSpace));
  }

  private withOutputs(messages: readonly Message[], most: number, spared: number): readonly Message[] {
    let cut = this.cutOutputs.get(most);
    if (cut === undefined) this.cutOutputs.set(most, cut = new Map());
    const known = cut;
    return messages.map((message, i) => i < messages.length - spared && isToolOutput(message) ? remembered(known, message, () => cutToolOutput(message, most)) : message);
  }
}

function remembered(known: Map<Message, Message>, message: Message, make: () => Message): Message {
  let made = known.get(message);
  if (made === undefined) known.set(message, made = make());
  return made;
}
