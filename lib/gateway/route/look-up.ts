/** Second step: the answer to the very same call of the same tenant, where the route keeps answers and this one may be kept. */
import { cacheKey } from '../cache/cache-key';
import { mayCacheCall } from '../cache/cacheable';
import { CacheEntry } from '../cache/entry';
import { LiveRoute } from './live-route';
import type { RoutedCall } from './pipeline';
import { Lead, RoutePorts } from './ports';
import { RouteTrace } from './trace';

export async function lookUp(call: RoutedCall<unknown>, { config: { cache }, policy }: LiveRoute, ports: Pick<RoutePorts<never, never>, 'look'>, trace: RouteTrace): Promise<{ readonly entry?: CacheEntry; readonly lead?: Lead }> {
  if (cache === undefined) return {};
  // Vectors are not drawn.
  if (call.kind === 'chat' && !mayCacheCall(call.body, cache)) {
    trace.cache = 'unsuited';
    return {};
  }
  const looked = await ports.look(cacheKey({ kind: call.kind, tenant: call.tenant, workflow: call.workflow, policy, taskClass: call.taskClass }, call.sent));
  trace.cache = looked.kind;
  if (!('entry' in looked)) return { lead: looked.lead };
  trace.answeredBy = 'cache';
  return { entry: looked.entry };
}
