/** What a GPU group is rated and prepared for: the calls of the workflows it serves or, before any is declared, a typical one. */
import { forecastReplicaHours } from '../capacity/forecast';
import { concurrencyPerReplica } from '../capacity/replicas';
import { isStreamed } from '../capacity/models';
import { CallShape } from '../capacity/call-shape';
import { throughputOf } from '../capacity/throughput';
import { WorkflowDeclaration } from '../contracts/declaration';
import { GpuGroup } from '../contracts/gpu-group';
import { groupCallsPerMonth, groupLoad } from '../economics/load';
import { GroupLoadInNumbers } from './own-usage';

/** A prompt with context and a paragraph of answer. */
const TYPICAL: CallShape = { inputTokens: 2_000, outputTokens: 500 };

const callOf = (group: GpuGroup, workflows: readonly WorkflowDeclaration[]): CallShape => groupLoad(workflows, group.path, 1)?.call ?? TYPICAL;

/** Calls in flight that one replica holds: what the controller sizes for. Calls too long for the model are a finding of their own. */
export const callsPerReplica = (group: GpuGroup, workflows: readonly WorkflowDeclaration[]): number =>
  Math.max(concurrencyPerReplica(group, callOf(group, workflows)).calls, 1);

/** Tokens a second that utilisation is measured against: of one replica with as many calls as it holds. */
export const ratedTokensPerSecond = (group: GpuGroup, workflows: readonly WorkflowDeclaration[]): number =>
  throughputOf(group, callsPerReplica(group, workflows), callOf(group, workflows)).tokensPerSecond.expected;

export function loadInNumbers(group: GpuGroup, workflows: readonly WorkflowDeclaration[]): GroupLoadInNumbers {
  const load = groupLoad(workflows, group.path, 1);
  const call = callOf(group, workflows);
  const replicas = load ? forecastReplicaHours(group, load).replicasAtPeak.toNumber() : group.scaling.maxReplicas;
  return {
    replicasAtPeak: replicas,
    startsAtPeak: replicas + twins(group, replicas),
    callsPerMonth: groupCallsPerMonth(workflows, group.path).toNumber(),
    inputTokensPerCall: call.inputTokens,
    outputTokensPerCall: call.outputTokens,
    weightGigabytes: isStreamed(group.model) ? 0 : group.model.weightGigabytes,
  };
}

/** While spot launches, on demand stands in for it: what starts beyond the base starts twice. */
const twins = ({ purchase }: GpuGroup, replicas: number): number =>
  purchase.kind === 'spotWithFallback' ? Math.max(replicas - purchase.onDemandBase, 0) : 0;
