/** The mock model's embeddings: unit vectors that depend on the text alone, so that the same text is always its own neighbour. */
import { createHash } from 'node:crypto';
import { Orders } from './orders';
import { Script, jsonScript } from './script';

const DEFAULT_DIMENSIONS = 16;
const MOST_DIMENSIONS = 16_384;

export interface EmbeddingCall {
  readonly inputs: readonly unknown[];
  readonly dimensions: number;
  readonly base64: boolean;
}

/** undefined: not a request for embeddings. */
export function embeddingCall(body: Readonly<Record<string, unknown>>): EmbeddingCall | undefined {
  const { input, dimensions = DEFAULT_DIMENSIONS } = body;
  if (typeof input !== 'string' && !(Array.isArray(input) && input.length > 0)) return undefined;
  if (!(typeof dimensions === 'number' && Number.isInteger(dimensions) && dimensions > 0 && dimensions <= MOST_DIMENSIONS)) return undefined;
  // One list of token numbers is one input.
  const inputs: unknown[] = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  return { inputs, dimensions, base64: body.encoding_format === 'base64' };
}

export function embeddingScript({ model, reportsUsage }: Orders, { inputs, dimensions, base64 }: EmbeddingCall, promptTokens: number): Script {
  const data = inputs.map((input, index) => {
    const vector = vectorOf(JSON.stringify(input), dimensions);
    return { object: 'embedding', index, embedding: base64 ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector) };
  });
  return jsonScript(JSON.stringify({ object: 'list', data, model, usage: reportsUsage ? { prompt_tokens: promptTokens, total_tokens: promptTokens } : undefined }));
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const bytes = createHash('shake256', { outputLength: dimensions }).update(text).digest();
  const vector = Float32Array.from(bytes, byte => byte - 127.5);
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map(x => x / length);
}
