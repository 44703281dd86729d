/** A cheap answer that fails a check is asked for again, once, of the premium tier: where something is gained by it and its share has room. */
import { RouteRecord } from '../../contracts/usage-record';
import { Refusal } from '../refusal';
import { Judged, check } from './check';
import { LiveRoute } from './live-route';
import { Order, Permit } from './order';
import type { RoutedCall } from './pipeline';
import { ModelAnswer, Prompt, RoutePorts, RouteTier } from './ports';
import { RouteTrace } from './trace';

/** The premium tier's answer; undefined where none was made, and the trace says why. */
export async function escalate<T extends RouteTier, A extends ModelAnswer<T>>(
  first: Judged<A>, call: RoutedCall<T>, prompt: Prompt, order: Order<T>, route: LiveRoute, ports: RoutePorts<T, A>, trace: RouteTrace,
): Promise<Judged<A> | undefined> {
  const premium = call.tiers.find(tier => tier.premium);
  const why = reasonAgainst(first, premium, trace.class, route);
  trace.escalation = why ?? null;
  if (why !== undefined || premium === undefined) return undefined;
  const permit = order.admit(premium);
  if (permit === undefined) {
    trace.escalation = 'share-full';
    return undefined;
  }
  let admitted = false;
  const admit = (): Permit => {
    admitted = true;
    return permit;
  };
  try {
    const second = await ports.ask(prompt, { tiers: [premium], spare: true, flexible: false, admit, reached: order.reached });
    trace.escalation = 'made';
    return check(second, prompt, route, ports);
  } catch (error) {
    // There is an answer: whatever keeps the premium model from giving a better one is no reason to lose it.
    trace.escalation = whyNot(error);
    ports.notEscalated(error);
    if (!admitted) permit.giveBack();
    return undefined;
  }
}

function whyNot(error: unknown): RouteRecord['escalation'] {
  if (!(error instanceof Refusal)) return 'failed';
  if (error.code === 'invalid_request') return 'no-premium-tier';
  return error.code === 'upstream_failed' ? 'failed' : 'budget';
}

function reasonAgainst<T extends RouteTier>({ answer, failed }: Judged<ModelAnswer<T>>, premium: T | undefined, taskClass: string | null, { config }: LiveRoute): RouteRecord['escalation'] | undefined {
  if (failed === undefined) return null;
  if (failed.length === 0) return 'not-needed';
  if (answer.tier.premium) return 'is-premium';
  if (premium === undefined) return 'no-premium-tier';
  const gain = config.classes.find(({ id }) => id === taskClass)?.gain;
  return gain !== undefined && gain <= 0 ? 'no-gain' : undefined;
}
