/**
 * What of OpenAI's chat body can be carried to another provider. A field that cannot be carried is refused by name, unless
 * the answer means the same without it: a caller must not believe that an ignored field was obeyed.
 */
import { z } from 'zod';
import { BadRequest } from './bad-request';
import { JsonSchema } from './language-model';

const object = z.record(z.string(), z.unknown());
const jsonSchema = z.custom<JsonSchema>(value => object.safeParse(value).success, 'must be a JSON schema');
/** Anthropic's mark, as other gateways take it in OpenAI's body. Writes for an hour cost more than the tier's rate says. */
const cacheControl = z.object({ type: z.literal('ephemeral'), ttl: z.literal('5m').optional() });

const textPart = z.object({ type: z.literal('text'), text: z.string(), cache_control: cacheControl.nullish() });
const imagePart = z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }), cache_control: cacheControl.nullish() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });

const texts = z.union([z.string(), z.array(textPart)], 'must be a text or a list of text parts');
const named = z.object({ name: z.string().min(1) });

const toolCall = z.object({ id: z.string().min(1), type: z.literal('function'), function: named.extend({ arguments: z.string() }) });

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: texts }),
  z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart]))], 'must be a text or a list of text and image_url parts') }),
  z.object({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart]))], 'must be a text or a list of text parts').nullish(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: texts, tool_call_id: z.string().min(1) }),
]);

const number = z.number().nullish();

const chatBody = z.object({
  messages: z.array(message).min(1),
  tools: z.array(z.object({
    type: z.literal('function'),
    function: named.extend({ description: z.string().nullish(), parameters: jsonSchema.nullish(), strict: z.boolean().nullish() }),
  })).nullish(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.object({ type: z.literal('function'), function: named })], 'must be auto, none, required or a named function').nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z.discriminatedUnion('type', [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({ type: z.literal('json_schema'), json_schema: named.extend({ description: z.string().nullish(), schema: jsonSchema.nullish() }) }),
  ]).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string())], 'must be a text or a list of texts').nullish(),
  temperature: number,
  top_p: number,
  top_k: number,
  seed: number,
  presence_penalty: number,
  frequency_penalty: number,
});

export type ChatBody = z.infer<typeof chatBody>;
export type ChatMessage = ChatBody['messages'][number];

/** reasoning_effort among them: carried, it would add a thinking budget on top of the output tokens that were reserved. */
const HARMLESS = new Set([
  'model', 'stream', 'stream_options', 'user', 'metadata', 'store', 'service_tier', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier', 'verbosity',
  'reasoning_effort', 'prediction',
]);

/** Values that ask for nothing. */
const NEUTRAL: Record<string, (value: unknown) => boolean> = {
  n: value => value === 1,
  logprobs: value => value === false,
  top_logprobs: value => value === 0,
  logit_bias: value => object.safeParse(value).data !== undefined && JSON.stringify(value) === '{}',
  modalities: value => JSON.stringify(value) === '["text"]',
};

export function parseChatBody(body: Record<string, unknown>): ChatBody {
  for (const [field, value] of Object.entries(body)) {
    if (value === null || value === undefined || Object.hasOwn(chatBody.shape, field) || HARMLESS.has(field)) continue;
    if (Object.hasOwn(NEUTRAL, field) && NEUTRAL[field]?.(value)) continue;
    throw new BadRequest(field, `${field} cannot be carried to this model's provider: leave it out.`);
  }
  const parsed = chatBody.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.') || 'the body';
  throw new BadRequest(place, `${place}: ${issue?.message ?? 'not valid'}`);
}
