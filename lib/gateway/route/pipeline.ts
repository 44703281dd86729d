/**
 * A call's way through its route, the order of the steps in one place:
 *
 *     bypass -> exact cache -> prompt -> tier -> ask -> checks -> at most one escalation -> the better answer
 *
 * Each step is a file of its own; the first three may be the last. What reaches a model or the cache goes through the ports, so
 * that the gateway and `ai-margin route-eval` decide by the same code.
 */
import { CallBody, CallKind, wholeAnswerOf } from '../request-body';
import { better } from './better';
import { bypass } from './bypass';
import { check } from './check';
import { choose } from './choose';
import { escalate } from './escalate';
import { fit } from './fit';
import { LiveRoute } from './live-route';
import { lookUp } from './look-up';
import { ModelAnswer, RoutePorts, RouteTier, Routed } from './ports';
import { RouteTrace } from './trace';

export interface RoutedCall<T> {
  readonly request: string;
  readonly kind: CallKind;
  readonly body: CallBody;
  /** The body as it came. */
  readonly sent: Buffer;
  readonly tenant: string;
  readonly workflow: string;
  readonly run: string | null;
  /** As its header names it. */
  readonly taskClass: string | undefined;
  /** That may serve it, in the workflow's order. */
  readonly tiers: readonly T[];
  /** The tier that its model names. */
  readonly named: T | undefined;
}

/** Throws a Refusal where nothing answers. */
export async function pipeline<T extends RouteTier, A extends ModelAnswer<T>>(
  call: RoutedCall<T>, route: LiveRoute, ports: RoutePorts<T, A>, trace: RouteTrace,
): Promise<Routed<A>> {
  const completion = await bypass(call, route, trace);
  if (completion !== undefined) return { by: 'bypass', completion };
  const { entry, lead } = await lookUp(call, route, ports, trace);
  if (entry !== undefined) return { by: 'cache', entry };
  try {
    const prompt = fit(call, route, trace);
    const order = choose(call, prompt, route, trace);
    // What is checked has to be whole before it is given.
    const sent = route.checks.any ? wholeAnswerOf(prompt) : prompt;
    const first = check(await ports.ask(sent, order).finally(order.end), sent, route, ports);
    const second = await escalate(first, call, sent, order, route, ports, trace);
    const given = better(first, second, trace);
    const intended = order.choice !== 'share-full' && (first.answer.tier === order.tiers[0] || given.answer !== first.answer);
    return { by: 'model', ...given, intended, prompt, lead };
  } catch (error) {
    lead?.release();
    throw error;
  }
}
