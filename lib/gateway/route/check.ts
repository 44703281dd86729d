/** After the answer: what is wrong with it, as far as it shows. */
import { FailedCheck } from '../checks/checks';
import { LiveRoute } from './live-route';
import { ModelAnswer, Prompt } from './ports';

export interface Judged<A> {
  readonly answer: A;
  /** undefined: not checked. */
  readonly failed: readonly FailedCheck[] | undefined;
}

export function check<A extends ModelAnswer<unknown>>(answer: A, { body }: Prompt, { checks }: LiveRoute): Judged<A> {
  const { completion } = answer;
  return { answer, failed: checks.any && completion !== undefined ? checks.failed(completion, body) : undefined };
}
