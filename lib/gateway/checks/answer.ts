/** What a check is given: one of the answers of a completion, and the call it answers. */
import { Choice } from '../completion';
import { CallBody } from '../request-body';

export interface Answer extends Choice {
  readonly body: CallBody;
}

/** Why the answer fails, without a word of it; undefined where it does not. */
export type Check = (answer: Answer) => string | undefined;

/** What is asked of the text holds for the last word: what a model says beside a call of a tool is none. */
export const ofText = (check: Check): Check => answer => answer.toolCalls.length > 0 ? undefined : check(answer);
