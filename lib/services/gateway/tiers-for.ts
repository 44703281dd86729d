/** Which of a workflow's tiers may serve a call, in what order. */
import { Refusal } from '../../gateway/refusal';
import { CallKind } from '../../gateway/request-body';
import { LiveTier, LiveWorkflow } from './runtime';

export interface TiersFor {
  /** In the workflow's order. */
  readonly tiers: readonly LiveTier[];
  /** By the client. */
  readonly named: LiveTier | undefined;
}

/**
 * A chat call that names a tier begins there; any other name, such as the one a client's code has always sent, leaves the choice
 * to the route. Vectors of two models do not compare, so an embedding is made by one tier or not at all.
 */
export function tiersFor(kind: CallKind, model: string, workflow: LiveWorkflow): TiersFor {
  const tiers = workflow.tiers.filter(tier => tier.config.kind === kind);
  if (tiers.length === 0) throw new Refusal('invalid_request', `The workflow ${workflow.config.id} has no ${kind} tier: add one to its tiers.`);
  const named = tiers.find(tier => tier.id === model) ?? (kind === 'embedding' ? tiers.find(tier => tier.config.model === model) : undefined);
  if (kind === 'chat') return { tiers, named };
  if (named !== undefined) return { tiers: [named], named };
  if (tiers.length === 1) return { tiers, named };
  throw new Refusal('unknown_model', `The workflow ${workflow.config.id} has several embedding tiers: set model to one of ${tiers.map(tier => tier.id).join(', ')}.`);
}
