/** Which of a workflow's tiers may serve a call, in what order. */
import { Refusal } from '../../gateway/refusal';
import { CallKind } from '../../gateway/request-body';
import { LiveTier, LiveWorkflow } from './runtime';

/**
 * A chat call that names a tier begins there; any other name, such as the one a client's code has always sent, leaves the choice
 * to the workflow. Vectors of two models do not compare, so an embedding is made by one tier or not at all.
 */
export function tiersFor(kind: CallKind, model: string, workflow: LiveWorkflow): readonly LiveTier[] {
  const tiers = workflow.tiers.filter(tier => tier.config.kind === kind);
  if (tiers.length === 0) throw new Refusal('invalid_request', `The workflow ${workflow.config.id} has no ${kind} tier: add one to its tiers.`);
  const named = tiers.find(tier => tier.config.id === model) ?? (kind === 'embedding' ? tiers.find(tier => tier.config.model === model) : undefined);
  if (kind === 'chat') return named === undefined ? tiers : [named, ...tiers.filter(tier => tier !== named)];
  if (named !== undefined) return [named];
  if (tiers.length === 1) return tiers;
  throw new Refusal('unknown_model', `The workflow ${workflow.config.id} has several embedding tiers: set model to one of ${tiers.map(tier => tier.config.id).join(', ')}.`);
}
