/** What a model of the AI SDK answered, as OpenAI's objects. Pure; usage counts the cache's tokens inside the prompt's, once. */
import { FinishReason, GenerateResult, Usage } from './language-model';

/** What all chunks of an answer share. */
export interface Envelope {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
}

export interface OpenAiUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

export function toCompletion(result: GenerateResult, envelope: Envelope): object {
  const { content, finishReason, response } = result;
  const reasoning = textOf(content, 'reasoning');
  const calls = content.flatMap(part => part.type === 'tool-call' && !part.providerExecuted ? [part] : []);
  const usage = toUsage(result.usage);
  return {
    id: response?.id ?? envelope.id,
    object: 'chat.completion',
    created: envelope.created,
    model: response?.modelId ?? envelope.model,
    choices: [{
      index: 0,
      message: {
        role: 'assistant',
        content: textOf(content, 'text') || (calls.length > 0 ? null : ''),
        refusal: null,
        ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
        ...(calls.length === 0 ? {} : { tool_calls: calls.map(call => ({ id: call.toolCallId, type: 'function', function: { name: call.toolName, arguments: call.input || '{}' } })) }),
      },
      logprobs: null,
      finish_reason: toFinishReason(finishReason),
    }],
    ...(usage ? { usage } : {}),
  };
}

function textOf(content: GenerateResult['content'], type: 'text' | 'reasoning'): string {
  return content.map(part => part.type === type ? part.text : '').join('');
}

export function toFinishReason({ unified }: FinishReason): string {
  if (unified === 'tool-calls') return 'tool_calls';
  if (unified === 'content-filter') return 'content_filter';
  return unified === 'length' ? 'length' : 'stop';
}

/** Undefined where the provider told none: unknown is not 0. */
export function toUsage({ inputTokens, outputTokens }: Usage): OpenAiUsage | undefined {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined;
  return {
    prompt_tokens: inputTokens.total,
    completion_tokens: outputTokens.total,
    total_tokens: inputTokens.total + outputTokens.total,
    prompt_tokens_details: { cached_tokens: inputTokens.cacheRead ?? 0, cache_write_tokens: inputTokens.cacheWrite ?? 0 },
    completion_tokens_details: { reasoning_tokens: outputTokens.reasoning ?? 0 },
  };
}
