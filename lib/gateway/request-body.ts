/** A request's body: read once, checked for what the gateway itself relies on, and made ready for the tier that serves it. */
import { isUtf8 } from 'node:buffer';
import { TierConfig } from '../contracts/gateway';
import { Refusal } from './refusal';

export type CallKind = TierConfig['kind'];

/** As deep as the strictest readers of JSON go; what is written to a model is written by recursion, which ends a process's stack. */
const MOST_LEVELS = 128;

/** Only what the gateway reads has a type; the rest goes to the model as it came. */
export interface CallBody extends Record<string, unknown> {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
}

export function parseBody(bytes: Buffer, kind: CallKind): CallBody {
  const body = parseJson(bytes);
  if (typeof body.model !== 'string' || body.model === '') throw new Refusal('invalid_request', 'model is missing: give a tier\'s name from GET /v1/models, or any name to let the workflow\'s route choose.');
  if (kind === 'chat' && !(Array.isArray(body.messages) && body.messages.length > 0)) throw new Refusal('invalid_request', 'messages is missing or empty: give a list of messages.');
  if (kind === 'embedding' && !isInput(body.input)) throw new Refusal('invalid_request', 'input is missing or empty: give a text, or a list of them.');
  if (body.stream === null) delete body.stream;
  if (body.stream !== undefined && typeof body.stream !== 'boolean') throw new Refusal('invalid_request', 'stream must be true or false.');
  if (kind === 'embedding' && body.stream === true) throw new Refusal('invalid_request', 'Embeddings do not come as a stream: leave stream out.');
  if (kind === 'chat') assertCountable(body);
  const options = body.stream_options;
  if (options !== undefined && options !== null && (typeof options !== 'object' || Array.isArray(options))) throw new Refusal('invalid_request', 'stream_options must be an object.');
  return body as CallBody;
}

function parseJson(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw new Refusal('invalid_json', 'The body is not UTF-8: send JSON in UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own words quote the prompt.
    throw new Refusal('invalid_json', 'The body is not JSON.');
  }
  if (!isObject(body) || Array.isArray(body)) throw new Refusal('invalid_json', 'The body is not a JSON object.');
  if (!isShallow(body, MOST_LEVELS)) throw new Refusal('invalid_json', `The body is nested more than ${MOST_LEVELS} levels deep: make it flatter.`);
  return body;
}

/** At most so many levels of objects and lists in one another. */
function isShallow(value: unknown, levels: number): boolean {
  if (!isObject(value)) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every(part => isShallow(part, levels - 1));
  // Object.values() would make a list of each object of each call.
  for (const key in value) if (!isShallow(value[key], levels - 1)) return false;
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Of what a message's part may be, these can be estimated: what a file, a film or a sound by its link comes to nobody knows before it is billed. */
const PARTS: readonly unknown[] = ['text', 'image_url', 'refusal'];

function assertCountable({ audio, modalities, messages }: Readonly<Record<string, unknown>>): void {
  if (isObject(audio) || (Array.isArray(modalities) && modalities.includes('audio'))) throw new Refusal('invalid_request', 'Audio has a price of its own, which this gateway does not know: ask for text.');
  for (const message of messages as unknown[]) {
    if (!isObject(message) || !Array.isArray(message.content)) continue;
    const odd = message.content.findIndex((part: unknown) => isObject(part) && !PARTS.includes(part.type));
    if (odd >= 0) throw new Refusal('invalid_request', `A message's content has a part (${odd}) whose cost cannot be known before it is made: send parts of type ${PARTS.join(', ')}.`);
  }
}

const isInput = (input: unknown): boolean => (typeof input === 'string' || Array.isArray(input)) && input.length > 0;

/** Whether the client itself wants to see the usage of its stream; the gateway always does. */
export const wantsUsage = (body: CallBody): boolean => body.stream_options?.include_usage === true;

/** A provider's faster or slower service has another price: a call gets the one that its tier's price is of. */
export function assertSoldAt({ service_tier: asked }: CallBody, { id, price }: Pick<TierConfig, 'id' | 'price'>): void {
  if (asked === undefined || asked === null) return;
  const sold = 'usdPerMillionTokens' in price || price.serviceTier === 'standard' ? ['auto', 'default'] : ['auto', price.serviceTier];
  if (typeof asked === 'string' && sold.includes(asked)) return;
  throw new Refusal('invalid_request', `service_tier is not what the price of tier ${id} is of: leave it out, or ask for ${sold.join(' or ')}.`);
}

/**
 * What the tier is sent: its model's name, a bound on the output, so that what was reserved holds, and usage at a stream's end.
 * `priority`: of the route, where the tier takes one; a client does not choose its own.
 */
export function bodyForTier(body: CallBody, tier: Pick<TierConfig, 'kind' | 'model' | 'maxOutputTokens' | 'price'>, priority?: number): CallBody {
  if (tier.kind === 'embedding') return { ...body, model: tier.model };
  const bounded = body.max_completion_tokens ?? body.max_tokens;
  return {
    ...body,
    model: tier.model,
    ...('usdPerMillionTokens' in tier.price || tier.price.serviceTier === 'standard' ? {} : { service_tier: tier.price.serviceTier }),
    ...(bounded === undefined || bounded === null ? { max_completion_tokens: tier.maxOutputTokens } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(body.stream === true ? { stream_options: { ...body.stream_options, include_usage: true } } : {}),
  };
}

/** The same prompt, its answer asked for as one document. */
export const wholeAnswerOf = <P extends { readonly body: CallBody }>(prompt: P): P =>
  prompt.body.stream === true ? { ...prompt, body: { ...prompt.body, stream: undefined, stream_options: undefined } } : prompt;
