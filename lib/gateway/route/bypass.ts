/** First step: what a rule can answer, no model is asked. */
import { writtenCompletion } from '../completion';
import { LiveRoute } from './live-route';
import type { RoutedCall } from './pipeline';
import { RouteTrace } from './trace';

export async function bypass(call: RoutedCall<unknown>, { bypass: rules }: LiveRoute, trace: RouteTrace): Promise<Readonly<Record<string, unknown>> | undefined> {
  const answered = await rules.answer(call);
  if (answered === undefined) return undefined;
  trace.answeredBy = 'bypass';
  trace.bypass = answered.rule;
  return writtenCompletion({ id: call.request, model: call.body.model, content: answered.content, created: answered.at });
}
