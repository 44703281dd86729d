/** Tokens of a prompt, each message counted once: a conversation is tried in many lengths. */
import { Message, messagesOf } from '../conversation';
import { TokenCalibration, estimateTokens } from '../estimate';
import { textsOf } from './message-texts';
import { TokenCounter } from './token-counter';

type Fields = Readonly<Record<string, unknown>>;

/** Of OpenAI's chat format: what stands around a message, and before the answer. */
const [AROUND_MESSAGE, BEFORE_ANSWER] = [4, 3];
/** Around the name and the arguments of a tool's call. */
const AROUND_TOOL_CALL = 8;
/** Of a message: structure, which the format's own tokens stand for. */
const NOT_TEXT: readonly string[] = ['role', 'content', 'tool_calls', 'tool_call_id'];
/** Of a body: no part of the prompt. */
const NOT_PROMPT: readonly string[] = ['messages', 'metadata', 'stream_options', 'logit_bias'];

export class PromptTokens {
  private readonly known = new Map<Message, number>();

  public constructor(private readonly count: TokenCounter) {}

  public ofBody(body: Fields): number {
    return this.ofRest(body) + this.ofAll(messagesOf(body));
  }

  /** All but the messages: tools, their schemas and the answer's as JSON. */
  public ofRest(body: Fields): number {
    return Object.entries(body).reduce((sum, [field, value]) => sum + (isObject(value) && !NOT_PROMPT.includes(field) ? this.ofValue(value) : 0), BEFORE_ANSWER);
  }

  public of(message: Message): number {
    let tokens = this.known.get(message);
    if (tokens === undefined) this.known.set(message, tokens = this.counted(message));
    return tokens;
  }

  public ofAll(messages: readonly Message[]): number {
    return messages.reduce((sum, message) => sum + this.of(message), 0);
  }

  private counted(message: Message): number {
    let tokens = AROUND_MESSAGE + imageTokens(message);
    for (const text of textsOf(message)) tokens += this.count(text);
    if (Array.isArray(message.content)) for (const part of message.content as unknown[]) if (!isTextOrImage(part)) tokens += this.ofValue(part);
    if (Array.isArray(message.tool_calls)) for (const call of message.tool_calls as unknown[]) tokens += this.ofToolCall(call);
    for (const [field, value] of Object.entries(message)) if (!NOT_TEXT.includes(field)) tokens += this.ofValue(value);
    return tokens;
  }

  private ofToolCall(call: unknown): number {
    const called = isObject(call) && isObject(call.function) ? call.function : undefined;
    return AROUND_TOOL_CALL + (called === undefined ? this.ofValue(call) : this.ofValue(called.name) + this.ofValue(called.arguments));
  }

  private ofValue(value: unknown): number {
    if (value === undefined || value === null) return 0;
    return this.count(typeof value === 'string' ? value : JSON.stringify(value));
  }
}

const isTextOrImage = (part: unknown): boolean => isObject(part) && (typeof part.text === 'string' || part.image_url !== undefined);

const NOTHING_LEARNT = new TokenCalibration();

/** As an estimate has them. */
const imageTokens = (message: Message): number =>
  Array.isArray(message.content) ? estimateTokens(0, { messages: [message] }, NOTHING_LEARNT) - estimateTokens(0, {}, NOTHING_LEARNT) : 0;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
