/** The name an answer is kept under: of two calls that may not have the same answer, or may not see each other's, it is never the same. */
import { hash } from 'node:crypto';
import { GatewayWorkflow, TierConfig } from '../../contracts/gateway';
import { CallKind } from '../request-body';

/** Whatever decides about an answer and does not stand in the call's body. */
export interface CacheScope {
  /** By the path it was sent to: a body may have both messages and an input. */
  readonly kind: CallKind;
  readonly tenant: string;
  readonly workflow: string;
  /** See policyVersion. */
  readonly policy: string;
  /** As the call's header names it, which may pin the tier. */
  readonly taskClass?: string | undefined;
}

/**
 * `sent`: the body as it came, byte for byte. System prompt, tools, response format, parameters, messages, model and stream are all
 * in it, so none can be forgotten. A canonical form would also take calls for the same whose keys stand in another order, which
 * clients do not do, for three to four times the time, and could take for the same what is not.
 */
export function cacheKey({ kind, tenant, workflow, policy, taskClass }: CacheScope, sent: Buffer): string {
  // The list says where each part ends, and of the body's hash the length is always the same.
  return digest(JSON.stringify([kind, tenant, workflow, policy, taskClass]) + digest(sent));
}

/**
 * Changes with everything of the configuration that may decide an answer of this workflow, and for how long it is good. What surely
 * does not is left out by name, so that a field that comes later counts until somebody knows better.
 */
export function policyVersion({ tiers: ids, route }: Pick<GatewayWorkflow, 'tiers' | 'route'>, tiers: readonly TierConfig[]): string {
  const decides = { ...route, shadowPercent: undefined, priority: undefined };
  return digest(JSON.stringify([ids.map(id => tiers.filter(tier => tier.id === id).map(whatAnswers)), decides]));
}

/** The same model's name at another address may be another model. A key is rotated without a new model. */
const whatAnswers = (tier: TierConfig): unknown =>
  ({ ...tier, price: undefined, timeouts: undefined, acceptsPriority: undefined, endpoints: tier.endpoints.map(({ url, region }) => [url, region]) });

const digest = (data: string | Buffer): string => hash('sha256', data, 'base64url');
