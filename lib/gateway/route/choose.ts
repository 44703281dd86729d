/** Which tier the call begins at: by its class, what the premium model is expected to add, and the share there is of it. */
import { ChosenTiers } from '../choice/tier-chooser';
import { lastUserText, messagesOf } from '../conversation';
import { LiveRoute } from './live-route';
import type { RoutedCall } from './pipeline';
import { Prompt, RouteTier } from './ports';
import { RouteTrace } from './trace';

export function choose<T extends RouteTier>(call: RoutedCall<T>, { body }: Prompt, { classes, chooser }: LiveRoute, trace: RouteTrace): ChosenTiers<T> {
  const { request, tiers, named, taskClass: header } = call;
  const text = lastUserText(messagesOf(body));
  const taskClass = classes.classOf(header, text);
  const chosen = chooser.choose({ request, tiers, named, taskClass, text });
  trace.class = taskClass?.id ?? null;
  trace.choice = chosen.choice;
  trace.score = chosen.score;
  trace.threshold = chosen.threshold;
  return chosen;
}
