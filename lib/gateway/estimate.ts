/**
 * How many tokens a call may use, before it is made: an upper bound nearly always, since what is reserved too much comes back
 * and what is reserved too little is overspent. Input by bytes, as the tier's settled calls have taught; output by its limit.
 */
import { TierConfig } from '../contracts/gateway';
import { Refusal } from './refusal';

/** English has 4 to 5 bytes per token, code and JSON 3; fewer than 3 is for digits and base64. */
const START = 3;
const [FEWEST, MOST] = [1.5, 6];
/** Outside of these it was no text: images are few bytes and many tokens as a link, many bytes and few tokens as base64. */
const [FEWEST_SEEN, MOST_SEEN] = [1, 12];
/** A short call is mostly template. */
const SHORTEST_SEEN = 100;
/** In balance when 1 of 100 calls is below, which is why a mean is not enough: prose and JSON through one tier have none in common. */
const [UP, DOWN] = [1.0005, 0.95];

/** On top: for the first calls of a new kind. */
const MARGIN = 1.1;
/** What a chat template adds to the client's text by itself; gpt-oss's system message is the longest, at about 70. */
const TEMPLATE_TOKENS = 100;
/** What Claude adds when it is given tools, their descriptions not counted: up to about 350. */
const TOOLS_TOKENS = 350;
/**
 * An image, whatever its size in bytes: above the largest of Claude, GPT-4.1 nano and GPT-5 (4,800; 3,800; below 2,000). A few
 * models take more (Llama 3.2 6,400; GPT-4o mini far more, of very cheap tokens): their settlement says so.
 */
const IMAGE_TOKENS = 5000;
/** As OpenAI has it. */
const MOST_CHOICES = 128;

type Fields = Readonly<Record<string, unknown>>;

/** The bytes per token that all but 1 of 100 calls of a tier exceed: each call above pushes it up a little, each below down much. */
export class TokenCalibration {
  private level = START;

  /** A settled call: the bytes of its body and the input tokens the provider reported. */
  public observe(bodyBytes: number, inputTokens: number): void {
    const seen = bodyBytes / inputTokens;
    if (inputTokens < SHORTEST_SEEN || seen < FEWEST_SEEN || seen > MOST_SEEN) return;
    this.level = Math.min(Math.max(this.level * (seen < this.level ? DOWN : UP), FEWEST), MOST);
  }

  public get bytesPerToken(): number {
    return this.level;
  }
}

/** Input tokens of a call: its whole body counts as text (tools, schemas, audio and files too), images as so many tokens each. */
export function estimateTokens(bodyBytes: number, body: Fields, calibration: TokenCalibration): number {
  const images = imagesOf(body.messages);
  const text = Math.max(bodyBytes - images.bytes, 0) / calibration.bytesPerToken;
  const tools = Array.isArray(body.tools) && body.tools.length > 0 ? TOOLS_TOKENS : 0;
  return Math.ceil(Math.max(text * MARGIN, tokenIds(body.input))) + TEMPLATE_TOKENS + tools + images.count * IMAGE_TOKENS;
}

function imagesOf(messages: unknown): { count: number; bytes: number } {
  const images = { count: 0, bytes: 0 };
  if (!Array.isArray(messages)) return images;
  for (const message of messages as unknown[]) {
    const content = fieldsOf(message)?.content;
    if (!Array.isArray(content)) continue;
    for (const part of content as unknown[]) {
      const image = fieldsOf(part)?.image_url;
      if (image === undefined) continue;
      const url = typeof image === 'string' ? image : fieldsOf(image)?.url;
      images.count++;
      if (typeof url === 'string' && url.startsWith('data:')) images.bytes += url.length;
    }
  }
  return images;
}

/** An embedding's input may be token ids, one list or several: at least a digit and a comma each. */
function tokenIds(input: unknown): number {
  if (!Array.isArray(input)) return 0;
  if (typeof input[0] === 'number') return input.length;
  return Array.isArray(input[0]) ? (input as unknown[]).reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0) : 0;
}

/** Output tokens at most: the limit the client asks for, or the tier's, for each of its choices. Refuses more than the tier allows. */
export function outputBound(body: Fields, tier: Pick<TierConfig, 'id' | 'maxOutputTokens'>): number {
  const limits = ['max_completion_tokens', 'max_tokens'].flatMap(field => limitIn(body, field, tier) ?? []);
  const choices = body.n ?? 1;
  if (!isCount(choices) || choices > MOST_CHOICES) throw new Refusal('invalid_request', `n is ${shown(choices)}: a whole number from 1 to ${MOST_CHOICES} is accepted.`);
  return choices * (limits.length > 0 ? Math.max(...limits) : tier.maxOutputTokens);
}

function limitIn(body: Fields, field: string, { id, maxOutputTokens }: Pick<TierConfig, 'id' | 'maxOutputTokens'>): number | undefined {
  const limit = body[field];
  if (limit === undefined || limit === null) return undefined;
  if (!isCount(limit)) throw new Refusal('invalid_request', `${field} is ${shown(limit)}: a whole number from 1 is accepted.`);
  if (limit <= maxOutputTokens) return limit;
  throw new Refusal('invalid_request', `${field} is ${limit}, more than the ${maxOutputTokens} that tier ${id} allows: ask for less, or raise its maxOutputTokens or the route's tokenLimits.maxOutput.`);
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;

const fieldsOf = (value: unknown): Fields | undefined => typeof value === 'object' && value !== null ? value as Fields : undefined;

const shown = (value: unknown): string => typeof value === 'number' ? String(value) : typeof value === 'string' ? JSON.stringify(value.slice(0, 20)) : `of type ${typeof value}`;
