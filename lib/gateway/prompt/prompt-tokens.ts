/** Tokens of a prompt: its texts counted, images as the estimate has them, and what a chat template adds to each message. */
import { Message, messagesOf } from '../conversation';
import { IMAGE_TOKENS } from '../estimate';
import { TokenCounter } from './token-counter';

type Fields = Readonly<Record<string, unknown>>;

/** As OpenAI's models have it; others are within a few. */
const PER_MESSAGE = 4;
const PER_PROMPT = 3;

/** The same texts are counted many times while a prompt is cut. */
export class PromptTokens {
  private readonly known = new Map<string, number>();

  public constructor(private readonly count: TokenCounter) {}

  public ofBody(body: Fields): number {
    return this.besideMessages(body) + this.ofMessages(messagesOf(body));
  }

  /** Descriptions of tools, the schema of the answer. */
  public besideMessages({ tools, functions, response_format: format }: Fields): number {
    return [tools, functions, format].reduce<number>((sum, part) => sum + (part === undefined || part === null ? 0 : this.of(JSON.stringify(part))), PER_PROMPT);
  }

  public ofMessages(messages: readonly Message[]): number {
    return messages.reduce((sum, message) => sum + this.ofMessage(message), 0);
  }

  private ofMessage(message: Message): number {
    const { content } = message;
    const parts = typeof content === 'string' ? this.of(content) : Array.isArray(content) ? content.reduce<number>((sum, part) => sum + this.ofPart(part), 0) : 0;
    const others = Object.entries(message).filter(([name]) => name !== 'role' && name !== 'content');
    return PER_MESSAGE + parts + (others.length === 0 ? 0 : this.of(JSON.stringify(others)));
  }

  private ofPart(part: unknown): number {
    if (typeof part !== 'object' || part === null) return 0;
    if ('image_url' in part) return IMAGE_TOKENS;
    return 'text' in part && typeof part.text === 'string' ? this.of(part.text) : 0;
  }

  private of(text: string): number {
    let tokens = this.known.get(text);
    if (tokens === undefined) this.known.set(text, tokens = this.count(text));
    return tokens;
  }
}
