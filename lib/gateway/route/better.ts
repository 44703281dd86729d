/** Of two answers, the one that fails fewer checks, the premium one where they are alike. What is given although it fails is marked. */
import { Judged } from './check';
import { FromModel, ModelAnswer } from './ports';
import { RouteTrace } from './trace';

export function better<A extends ModelAnswer<unknown>>(first: Judged<A>, second: Judged<A> | undefined, trace: RouteTrace): Pick<FromModel<A>, 'answer' | 'other'> {
  const [given, other] = second === undefined ? [first] : failures(second) <= failures(first) ? [second, first] : [first, second];
  trace.answeredBy = 'model';
  trace.failedChecks = kinds(given);
  return { answer: given.answer, other: other === undefined ? undefined : { answer: other.answer, failed: kinds(other) ?? [] } };
}

const failures = ({ failed = [] }: Judged<unknown>): number => failed.length;

const kinds = ({ failed }: Judged<unknown>): string[] | null => failed === undefined ? null : [...new Set(failed.map(({ kind }) => kind))];
