/** What a GPU group is rated and prepared for: the calls of the workflows it serves or, before any is declared, a typical one. */
import { concurrencyPerReplica, replicasForPeak } from '../capacity/replicas';
import { CallShape, throughputOf } from '../capacity/throughput';
import { WorkflowDeclaration } from '../contracts/declaration';
import { GpuGroup } from '../contracts/gpu-group';
import { groupCallsPerMonth, groupLoad } from '../economics/load';
import { Decimal } from '../money';
import { GroupLoadInNumbers } from './own-usage';

/** A prompt with context and a paragraph of answer. */
const TYPICAL: CallShape = { inputTokens: 2_000, outputTokens: 500 };

const callOf = (group: GpuGroup, workflows: readonly WorkflowDeclaration[]): CallShape => groupLoad(workflows, group.path, 1)?.call ?? TYPICAL;

/** Tokens a second that utilisation is measured against: of one replica at its target concurrency. */
export function ratedTokensPerSecond(group: GpuGroup, workflows: readonly WorkflowDeclaration[]): number {
  const call = callOf(group, workflows);
  // Calls too long for the model are a finding of their own; the rating then is that of one call.
  const { calls } = concurrencyPerReplica(group, call);
  return throughputOf(group, Math.max(calls, 1), call).tokensPerSecond.expected;
}

export function loadInNumbers(group: GpuGroup, workflows: readonly WorkflowDeclaration[]): GroupLoadInNumbers {
  const load = groupLoad(workflows, group.path, 1);
  const call = callOf(group, workflows);
  const { maxReplicas } = group.scaling;
  const needed = load ? Decimal.min(replicasForPeak(group, load).needed, maxReplicas).toNumber() : maxReplicas;
  return {
    replicasAtPeak: needed,
    callsPerMonth: groupCallsPerMonth(workflows, group.path).toNumber(),
    inputTokensPerCall: call.inputTokens,
    outputTokensPerCall: call.outputTokens,
    weightGigabytes: group.model.source.startsWith('s3://') ? 0 : group.model.weightGigabytes,
  };
}
