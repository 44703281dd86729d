/** After the answer: what is wrong with it, as far as it shows. */
import { FailedCheck } from '../checks/checks';
import { LiveRoute } from './live-route';
import { ModelAnswer, Prompt, RoutePorts } from './ports';

export interface Judged<A> {
  readonly answer: A;
  /** undefined: not checked. */
  readonly failed: readonly FailedCheck[] | undefined;
}

export function check<T, A extends ModelAnswer<T>>(answer: A, { body }: Prompt, { checks }: LiveRoute, { failedChecks }: Pick<RoutePorts<T, A>, 'failedChecks'>): Judged<A> {
  const { completion } = answer;
  if (!checks.any || completion === undefined) return { answer, failed: undefined };
  const failed = checks.failed(completion, body);
  if (failed.length > 0) failedChecks(answer, failed);
  return { answer, failed };
}
