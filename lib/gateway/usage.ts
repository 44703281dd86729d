/**
 * Tokens out of an OpenAI-shaped `usage` object, whoever filled it in. Cached tokens are part of the input and reasoning tokens
 * part of the output; providers that count them beside it are told by their own total. What cannot be read is no usage at all.
 */
import { Tokens, UsageRecord } from '../contracts/usage-record';

/** What a call used, and how that is known. */
export interface Metered {
  readonly tokens: Tokens;
  readonly usage: UsageRecord['usage'];
}

export const NO_TOKENS: Tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** No call has more: such a number is an error, and one error must not eat a budget. */
const MOST_TOKENS = 1_000_000_000;

type Fields = Readonly<Record<string, unknown>>;

/** undefined where the counts are missing or are not counts. */
export function usageOf(reported: unknown): Tokens | undefined {
  const usage = fieldsOf(reported);
  const inputDetails = fieldsOf(usage?.prompt_tokens_details ?? {});
  const outputDetails = fieldsOf(usage?.completion_tokens_details ?? {});
  if (!usage || !inputDetails || !outputDetails) return undefined;
  const prompt = countOf(usage.prompt_tokens);
  // Embeddings report no completion.
  const completion = countOf(usage.completion_tokens ?? 0);
  const total = countOf(usage.total_tokens ?? 0);
  // Inside prompt_tokens: OpenAI's details (OpenRouter and litellm name the writes), DeepSeek's hits, Moonshot's cached_tokens.
  const readInside = countOf(inputDetails.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? 0);
  const writeInside = countOf(inputDetails.cache_write_tokens ?? inputDetails.cache_creation_tokens ?? 0);
  // Anthropic's and Bedrock's own names, there beside the input; repeated by some next to the details, then they say nothing new.
  const readAsAnthropic = readInside === 0 ? countOf(usage.cache_read_input_tokens ?? 0) : 0;
  const writeAsAnthropic = writeInside === 0 ? countOf(usage.cache_creation_input_tokens ?? 0) : 0;
  const reasoning = countOf(outputDetails.reasoning_tokens ?? 0);
  const counts = [prompt, completion, total, readInside, writeInside, readAsAnthropic, writeAsAnthropic, reasoning];
  if (counts.some(Number.isNaN)) return undefined;
  const { input, output } = whole(prompt, completion, total, readAsAnthropic + writeAsAnthropic, reasoning);
  const cacheRead = Math.min(readInside + readAsAnthropic, input);
  return {
    input, cacheRead, cacheWrite: Math.min(writeInside + writeAsAnthropic, input - cacheRead),
    output, reasoning: Math.min(Math.max(reasoning, output - completion), output),
  };
}

/**
 * Input and output with all their parts. What the total has beyond both was billed too: cached input counted as Anthropic does,
 * else output, as xAI counts reasoning and Gemini's OpenAI endpoint its thoughts. A part larger than its whole is not in it.
 */
function whole(prompt: number, completion: number, total: number, cachedAsAnthropic: number, reasoning: number): { input: number; output: number } {
  const beyond = Math.max(total - prompt - completion, 0);
  const cachedBeside = beyond >= cachedAsAnthropic || cachedAsAnthropic > prompt ? cachedAsAnthropic : 0;
  const reasoningBeside = reasoning > completion ? reasoning : 0;
  return { input: prompt + cachedBeside, output: completion + Math.max(beyond - cachedBeside, reasoningBeside) };
}

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : undefined;

/** NaN where it is not a count. */
const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : NaN;
