/** Which calls and which answers may be kept: those of which the same call again would get the same answer, whole and good. */
import { ResponseCacheConfig } from '../../contracts/gateway-route';
import { hasTools } from '../conversation';

type Fields = Readonly<Record<string, unknown>>;

/** Of an answer with the cost of the store's memory and of the way there. Text of 60,000 tokens; a stream of some 1,000. */
export const MAX_KEPT_BYTES = 256 * 1024;

/** Whether the call's answers are kept, and one is looked for. */
export function mayCacheCall(body: Fields, { sampled }: Pick<ResponseCacheConfig, 'sampled'>): boolean {
  // What a tool says and what the web has changes, and calling a tool is meant to have an effect.
  if (hasTools(body) || isGiven(body.web_search_options)) return false;
  // Drawn at random: who asks again may want another answer.
  return sampled || (body.temperature === 0 && choicesWanted(body) === 1);
}

/** Choices of a completion, and of a stream as StreamRecording has them. */
export interface EndedChoice {
  readonly finishReason: string | null;
  readonly refusal: string | null;
  readonly toolCalls: readonly unknown[];
}

export interface AnswerToKeep {
  readonly choices: readonly EndedChoice[];
  /** null: it was not checked. */
  readonly failedChecks: readonly string[] | null;
  /** Bytes of the reply. */
  readonly size: number;
}

/** Whether the answer is kept, as far as it says itself. */
export function mayCacheAnswer({ choices, failedChecks, size }: AnswerToKeep, body: Fields): boolean {
  return size <= MAX_KEPT_BYTES && (failedChecks === null || failedChecks.length === 0) && choices.length === choicesWanted(body) && choices.every(isWhole);
}

/**
 * It was not cut at a limit or by a filter, asks for nothing to be done, and is no refusal by the provider's own word: what made it
 * refuse may be gone, and a refusal kept would stand in the way for days.
 */
const isWhole = ({ finishReason, refusal, toolCalls }: EndedChoice): boolean => finishReason === 'stop' && toolCalls.length === 0 && (refusal === null || refusal === '');
const choicesWanted = ({ n }: Fields): unknown => n ?? 1;
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
