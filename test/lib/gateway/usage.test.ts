/** Usage as providers report it: each kind of token is counted once, and what cannot be read is no usage. */
import { extractUsage, findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { usageOf } from '../../../lib/gateway/usage';

/** Replies as the providers document them. */
const REPLIES: readonly { who: string; provider: string; flavor: string; usage: object; tokens: ReturnType<typeof usageOf> }[] = [
  {
    who: 'OpenAI, cached and reasoning', provider: 'openai', flavor: 'chat', tokens: { input: 2006, cacheRead: 1920, cacheWrite: 0, output: 300, reasoning: 128 },
    usage: {
      prompt_tokens: 2006, completion_tokens: 300, total_tokens: 2306, prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 128, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
  },
  {
    who: 'OpenAI, cache writes', provider: 'openai', flavor: 'chat', tokens: { input: 2600, cacheRead: 2000, cacheWrite: 400, output: 10, reasoning: 0 },
    usage: { prompt_tokens: 2600, completion_tokens: 10, total_tokens: 2610, prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 400 } },
  },
  {
    who: 'OpenAI embeddings', provider: 'openai', flavor: 'embeddings', tokens: { input: 8, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    usage: { prompt_tokens: 8, total_tokens: 8 },
  },
  {
    who: 'vLLM', provider: 'openai', flavor: 'chat', tokens: { input: 45, cacheRead: 0, cacheWrite: 0, output: 16, reasoning: 0 },
    usage: { prompt_tokens: 45, total_tokens: 61, completion_tokens: 16, prompt_tokens_details: null },
  },
  {
    who: 'xAI, reasoning beside the completion', provider: 'x-ai', flavor: 'chat', tokens: { input: 32, cacheRead: 6, cacheWrite: 0, output: 103, reasoning: 94 },
    usage: {
      prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, num_sources_used: 0,
      prompt_tokens_details: { text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 94, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    },
  },
  {
    who: 'Groq', provider: 'groq', flavor: 'default', tokens: { input: 24, cacheRead: 0, cacheWrite: 0, output: 377, reasoning: 50 },
    usage: {
      queue_time: 0.018, prompt_tokens: 24, prompt_time: 0.0001, completion_tokens: 377, completion_time: 0.69, total_tokens: 401, total_time: 0.7,
      completion_tokens_details: { reasoning_tokens: 50 },
    },
  },
  {
    who: 'DeepSeek', provider: 'deepseek', flavor: 'chat', tokens: { input: 1100, cacheRead: 1024, cacheWrite: 0, output: 20, reasoning: 0 },
    usage: {
      prompt_tokens: 1100, completion_tokens: 20, total_tokens: 1120, prompt_tokens_details: { cached_tokens: 1024 }, prompt_cache_hit_tokens: 1024, prompt_cache_miss_tokens: 76,
    },
  },
  {
    who: 'OpenRouter', provider: 'openrouter', flavor: 'chat', tokens: { input: 194, cacheRead: 0, cacheWrite: 100, output: 2, reasoning: 0 },
    usage: {
      completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 0 }, cost: 0.95, cost_details: { upstream_inference_cost: 19 }, prompt_tokens: 194,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 100, audio_tokens: 0 }, total_tokens: 196,
    },
  },
  {
    who: 'Bedrock\'s OpenAI endpoint', provider: 'openai', flavor: 'chat', tokens: { input: 73, cacheRead: 0, cacheWrite: 0, output: 61, reasoning: 0 },
    usage: { completion_tokens: 61, prompt_tokens: 73, total_tokens: 134 },
  },
];

test.each(REPLIES)('$who: as documented, and as the price list reads it', ({ provider, flavor, usage, tokens }) => {
  expect(usageOf(usage)).toEqual(tokens);
  const theirs = extractUsage(findProvider({ providerId: provider })!, { model: 'm', usage }, flavor).usage;
  expect(usageOf(usage)).toEqual({
    input: theirs.input_tokens, output: theirs.output_tokens ?? 0, reasoning: theirs.output_reasoning_tokens ?? 0,
    cacheRead: theirs.cache_read_tokens ?? 0, cacheWrite: theirs.cache_write_tokens ?? 0,
  });
});

test.each([
  ['DeepSeek\'s hits without details', { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, prompt_cache_hit_tokens: 64 }, { input: 100, cacheRead: 64, output: 5 }],
  ['Moonshot\'s cached_tokens', { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, cached_tokens: 64 }, { input: 100, cacheRead: 64, output: 5 }],
  ['Anthropic\'s fields beside the input, by the total', { prompt_tokens: 368, completion_tokens: 19, total_tokens: 10_923, cache_read_input_tokens: 10_536, cache_creation_input_tokens: 0 },
    { input: 10_904, cacheRead: 10_536, output: 19 }],
  ['Anthropic\'s fields, more than the input and no total', { prompt_tokens: 10, completion_tokens: 1, cache_read_input_tokens: 500, cache_creation_input_tokens: 40 },
    { input: 550, cacheRead: 500, cacheWrite: 40, output: 1 }],
  ['Anthropic\'s fields inside the input, by the total', { prompt_tokens: 600, completion_tokens: 1, total_tokens: 601, cache_read_input_tokens: 500 }, { input: 600, cacheRead: 500, output: 1 }],
  ['litellm, reads inside and told twice, writes beside', {
    prompt_tokens: 600, completion_tokens: 1, total_tokens: 641, prompt_tokens_details: { cached_tokens: 500 }, cache_read_input_tokens: 500, cache_creation_input_tokens: 40,
  }, { input: 640, cacheRead: 500, cacheWrite: 40, output: 1 }],
  ['Gemini\'s thoughts, only in the total', { prompt_tokens: 20, completion_tokens: 424, total_tokens: 1016 }, { input: 20, output: 996, reasoning: 572 }],
  ['reasoning that cannot be in the completion', { prompt_tokens: 20, completion_tokens: 6, completion_tokens_details: { reasoning_tokens: 89 } }, { input: 20, output: 95, reasoning: 89 }],
  ['more cached than there was', { prompt_tokens: 20, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 9 } }, { input: 20, cacheRead: 20, output: 6 }],
])('%s', (_, usage, tokens) => {
  expect(usageOf(usage)).toEqual({ cacheRead: 0, cacheWrite: 0, reasoning: 0, ...tokens });
});

const FINE = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, prompt_tokens_details: { cached_tokens: 1 }, completion_tokens_details: { reasoning_tokens: 1 } };

test.each([
  undefined, null, 7, 'usage', [], {}, { completion_tokens: 5 },
  { ...FINE, prompt_tokens: -5 }, { ...FINE, prompt_tokens: 5.5 }, { ...FINE, prompt_tokens: '5' }, { ...FINE, prompt_tokens: null }, { ...FINE, prompt_tokens: 1e15 },
  { ...FINE, completion_tokens: {} }, { ...FINE, total_tokens: NaN }, { ...FINE, prompt_tokens_details: 3 }, { ...FINE, prompt_tokens_details: { cached_tokens: 'all' } },
  { ...FINE, completion_tokens_details: { reasoning_tokens: -1 } },
])('no usage: %p', garbage => {
  expect(usageOf(garbage)).toBeUndefined();
});

test('whatever is reported: no crash, counts that fit a record, parts within their whole, nothing below what was named', () => {
  const value = fc.oneof({ weight: 4, arbitrary: fc.nat(10_000) }, fc.constantFrom(null, undefined, -1, 0.5, 'x', {}));
  const details = fc.oneof(fc.constantFrom(null, undefined, 'x'), fc.record({ cached_tokens: value, cache_write_tokens: value, reasoning_tokens: value }, { requiredKeys: [] }));
  const usage = fc.record({
    prompt_tokens: value, completion_tokens: value, total_tokens: value, prompt_cache_hit_tokens: value, cache_read_input_tokens: value,
    cache_creation_input_tokens: value, prompt_tokens_details: details, completion_tokens_details: details,
  }, { requiredKeys: ['prompt_tokens'] });
  fc.assert(fc.property(fc.oneof(usage, fc.anything()), reported => {
    const tokens = usageOf(reported);
    if (tokens === undefined) return;
    expect(Object.values(tokens).every(count => Number.isSafeInteger(count) && count >= 0)).toBe(true);
    expect(tokens.cacheRead + tokens.cacheWrite).toBeLessThanOrEqual(tokens.input);
    expect(tokens.reasoning).toBeLessThanOrEqual(tokens.output);
    const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = reported as Record<string, number | null | undefined>;
    expect(tokens.input).toBeGreaterThanOrEqual(prompt!);
    expect(tokens.output).toBeGreaterThanOrEqual(completion ?? 0);
    expect(tokens.input + tokens.output).toBeGreaterThanOrEqual(total ?? 0);
  }), { numRuns: 1000 });
});
