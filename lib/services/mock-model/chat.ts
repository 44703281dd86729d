/**
 * The mock model's answers to chat completions. The events of a stream and the choices of a whole answer are made once per
 * model name and kept; a call adds its id and its usage.
 */
import { BilledTokens } from './bill';
import { Orders } from './orders';
import { DONE, EVENT_STREAM, Script, jsonScript } from './script';

/** No clock: the same call always has the same answer. */
export const CREATED = 1_767_225_600;
const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

export interface Prepared {
  /** What it was made for. */
  readonly outputTokens: number;
  readonly callsTool: boolean;
  /** From `"object"` to the end of the choices. */
  readonly whole: string;
  /** Each event from `"object"` to its blank line. */
  readonly events: readonly string[];
}

export interface ChatCall {
  readonly outputTokens: number;
  readonly callsTool: boolean;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

export function chatScript(orders: Orders, prepared: Prepared, call: ChatCall, id: string, tokens: BilledTokens): Script {
  const usage = orders.reportsUsage ? `,"usage":${usageJson(tokens)}` : '';
  const start = `{"id":"${id}",`;
  if (!call.stream) return jsonScript(`${start}${prepared.whole}${usage}}`);
  const pieces = prepared.events.map(event => `data: ${start}${event}`);
  if (usage !== '' && call.includeUsage) pieces.push(`data: ${start}"object":"chat.completion.chunk",${common(orders)},"choices":[]${usage}}\n\n`);
  pieces.push(DONE);
  return { status: 200, contentType: EVENT_STREAM, contentLength: undefined, pieces, gapMs: orders.chunkDelayMs, ending: 'end' };
}

const usageJson = ({ prompt, cached, cacheWrite, completion, reasoning }: BilledTokens): string =>
  `{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":${prompt + completion},`
  + `"prompt_tokens_details":{"cached_tokens":${cached},"cache_write_tokens":${cacheWrite}},"completion_tokens_details":{"reasoning_tokens":${reasoning}}}`;

const common = ({ model, serviceTier }: Orders): string =>
  `"created":${CREATED},"model":${JSON.stringify(model)}${serviceTier === undefined ? '' : `,"service_tier":${JSON.stringify(serviceTier)}`}`;

/** Output tokens of the answer, of which a call may allow at most `limit`. */
export const outputOf = (orders: Orders, limit: number): number => Math.min(limit, orders.outputTokens ?? wordsOf(orders.text ?? '').length);

export function prepare(orders: Orders, { outputTokens, callsTool }: Pick<ChatCall, 'outputTokens' | 'callsTool'>): Prepared {
  const words = sayable(orders, outputTokens);
  const text = words.join('');
  const cut = outputTokens < outputOf(orders, Infinity);
  const reason = cut ? 'length' : callsTool ? 'tool_calls' : 'stop';
  const tool = callsTool ? orders.toolCall : undefined;
  const message = tool === undefined
    ? { role: 'assistant', content: text, refusal: null }
    : { role: 'assistant', content: null, refusal: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: tool, arguments: argumentsOf(orders, text) } }] };
  return {
    outputTokens, callsTool,
    whole: `"object":"chat.completion",${common(orders)},"choices":${JSON.stringify([{ index: 0, message, logprobs: null, finish_reason: reason }])}`,
    events: [...deltas(orders, tool, words), {}].map((delta, i, all) => {
      const choices = [{ index: 0, delta, logprobs: null, finish_reason: i === all.length - 1 ? reason : null }];
      return `"object":"chat.completion.chunk",${common(orders)},"choices":${JSON.stringify(choices)}}\n\n`;
    }),
  };
}

function deltas(orders: Orders, tool: string | undefined, words: readonly string[]): object[] {
  if (tool === undefined) return [{ role: 'assistant', content: '', refusal: null }, ...inPieces(words, orders.chunks).map(content => ({ content }))];
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: tool, arguments: '' } };
  const parts = inPieces(wordsOf(argumentsOf(orders, words.join(''))), orders.chunks);
  return [{ role: 'assistant', content: null, tool_calls: [call] }, ...parts.map(part => ({ tool_calls: [{ index: 0, function: { arguments: part } }] }))];
}

/** Arguments are always JSON, also those that nobody ordered. */
const argumentsOf = (orders: Orders, text: string): string => (orders.text === undefined ? JSON.stringify({ text }) : text);

function sayable(orders: Orders, outputTokens: number): string[] {
  if (orders.text === undefined) return Array.from({ length: Math.max(0, outputTokens - orders.reasoningTokens) }, (_, i) => `${i === 0 ? '' : ' '}${WORDS[i % WORDS.length]}`);
  const words = wordsOf(orders.text);
  return outputTokens < outputOf(orders, Infinity) ? words.slice(0, outputTokens) : words;
}

const wordsOf = (text: string): string[] => text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];

function inPieces(words: readonly string[], count = Math.max(1, words.length)): string[] {
  return Array.from({ length: count }, (_, i) =>
    words.slice(Math.floor(i * words.length / count), Math.floor((i + 1) * words.length / count)).join(''));
}
