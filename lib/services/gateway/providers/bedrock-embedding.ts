/** Embeddings of Bedrock's models in OpenAI's shape. Titan and Nova take one text a call, so a list becomes several calls. */
import { z } from 'zod';
import { UpstreamRequest } from '../upstream/upstream';
import { BadRequest } from './bad-request';
import { EmbeddingModel } from './language-model';
import { TranslatedCall } from './translated-call';
import { Translator } from './translated-endpoint';

const CALLS_AT_ONCE = 4;

const embeddingBody = z.object({
  input: z.union([z.string(), z.array(z.string()).min(1).max(2048)], 'must be a text or a list of up to 2048 texts; lists of tokens are not carried'),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().positive().nullish(),
  /** Cohere's, as its own API names it. */
  input_type: z.string().nullish(),
});

export function embeddingTranslator(model: EmbeddingModel): Translator {
  return (request, events) => {
    const call = new TranslatedCall(events);
    return call.start(() => embed(model, request, call));
  };
}

async function embed(model: EmbeddingModel, request: UpstreamRequest, call: TranslatedCall): Promise<void> {
  const { input, encoding_format, dimensions, input_type } = parseBody(request.body);
  const atOnce = await model.maxEmbeddingsPerCall ?? 1;
  const batches = inBatches(typeof input === 'string' ? [input] : input, atOnce);
  const done = await inTurn(batches, values => Promise.resolve(model.doEmbed({
    values, abortSignal: call.signal, headers: { 'x-request-id': request.id }, providerOptions: { bedrock: options(model.modelId, dimensions, input_type) },
  })));
  const tokens = done.map(batch => batch.usage?.tokens ?? NaN).reduce((sum, each) => sum + each, 0);
  call.whole({
    object: 'list',
    data: done.flatMap(batch => batch.embeddings).map((embedding, index) => ({ object: 'embedding', index, embedding: encoding_format === 'base64' ? base64(embedding) : embedding })),
    model: request.body.model,
    // Cohere tells its tokens in a header, which a proxy may drop: unknown is not 0.
    ...(Number.isFinite(tokens) ? { usage: { prompt_tokens: tokens, total_tokens: tokens } } : {}),
  });
}

function parseBody(body: Record<string, unknown>): z.infer<typeof embeddingBody> {
  const parsed = embeddingBody.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.') || 'the body';
  throw new BadRequest(place, `${place}: ${issue?.message ?? 'not valid'}`);
}

/** Each family has its own name for it; a number it does not take is refused by the SDK. */
const DIMENSIONS: readonly (readonly [family: RegExp, option: string])[] = [[/cohere\.embed-/, 'outputDimension'], [/amazon\.nova-.*embed/, 'embeddingDimension'], [/./, 'dimensions']];

function options(modelId: string, dimensions: number | null | undefined, inputType: string | null | undefined): Record<string, number | string> {
  const option = DIMENSIONS.find(([family]) => family.test(modelId))?.[1];
  return { ...(dimensions && option ? { [option]: dimensions } : {}), ...(inputType ? { inputType } : {}) };
}

function inBatches<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}

async function inTurn<T, R>(batches: readonly T[], work: (batch: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const group of inBatches(batches, CALLS_AT_ONCE)) done.push(...await Promise.all(group.map(work)));
  return done;
}

/** As OpenAI's clients ask for by default: little-endian 32-bit floats. */
const base64 = (embedding: readonly number[]): string => Buffer.from(new Float32Array(embedding).buffer).toString('base64');
