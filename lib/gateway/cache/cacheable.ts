/** Which calls and which answers may be kept: those of which the same call again would get the same answer, whole and good. */
import { ResponseCacheConfig } from '../../contracts/gateway-route';
import { hasTools } from '../conversation';

type Fields = Readonly<Record<string, unknown>>;

/** Of an answer with the cost of the store's memory and of the way there. Text of 60,000 tokens; a stream of some 1,000. */
export const MAX_KEPT_BYTES = 256 * 1024;

export type UnsuitedCall =
  /** What a tool says changes, and calling it is meant to have an effect. */
  | 'tools'
  /** The model looks things up in the web, where they change. */
  | 'web-search'
  /** Drawn at random: who asks again may want another answer. */
  | 'sampled';

/** Why the call's answers are not kept, and none is looked for; undefined: they are. */
export function callCacheable(body: Fields, { sampled }: Pick<ResponseCacheConfig, 'sampled'>): UnsuitedCall | undefined {
  if (hasTools(body)) return 'tools';
  if (isGiven(body.web_search_options)) return 'web-search';
  return sampled || (body.temperature === 0 && choicesWanted(body) === 1) ? undefined : 'sampled';
}

export type UnsuitedAnswer =
  /** Cut at a limit or by a filter, or not all choices came. */
  | 'unfinished'
  /** It asks for something to be done. */
  | 'tool-calls'
  /** By the provider's own word. What made it refuse may be gone, and a refusal kept would stand in the way for days. */
  | 'refused'
  | 'failed-checks'
  /** By a tier that a budget chose, which may have room again. */
  | 'degraded'
  /** Of a prompt that was shortened, which is never given without saying so. */
  | 'trimmed'
  | 'too-large';

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
  readonly degraded: boolean;
  readonly trimmed: boolean;
  /** Bytes of the reply. */
  readonly size: number;
}

/** Why the answer is not kept; undefined: it is. */
export function answerCacheable({ choices, failedChecks, degraded, trimmed, size }: AnswerToKeep, body: Fields): UnsuitedAnswer | undefined {
  if (size > MAX_KEPT_BYTES) return 'too-large';
  if (choices.some(({ toolCalls }) => toolCalls.length > 0)) return 'tool-calls';
  if (choices.length !== choicesWanted(body) || choices.some(({ finishReason }) => finishReason !== 'stop')) return 'unfinished';
  if (choices.some(({ refusal }) => refusal !== null && refusal !== '')) return 'refused';
  if (failedChecks !== null && failedChecks.length > 0) return 'failed-checks';
  if (degraded) return 'degraded';
  return trimmed ? 'trimmed' : undefined;
}

const choicesWanted = ({ n }: Fields): unknown => n ?? 1;
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
