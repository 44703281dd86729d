/** How many calls one replica holds, and how many replicas a peak takes: bounded by the target, with long calls by memory, with short ones by vLLM's batch. */
import { GpuGroup } from '../contracts/gpu-group';
import { Decimal, ZERO, decimal } from '../money';
import { fitOn } from './fit';
import { CallShape } from './call-shape';
import { batchOfGroup } from './vllm-batch';

export interface ReplicaConcurrency {
  /** 0: calls of this length are not served at all. */
  readonly calls: number;
  /** The target, tokens of KV cache, or vLLM's max-num-seqs. */
  readonly boundBy: 'target' | 'kv' | 'batch';
  /** Of the instance type that holds the fewest. */
  readonly kvTokens: number;
}

/** Nobody chooses which of its instance types a group gets: the smallest one counts. */
export function concurrencyPerReplica({ model, instances, maxModelLength, scaling }: GpuGroup, { inputTokens, outputTokens }: CallShape): ReplicaConcurrency {
  const kvTokens = Math.min(...instances.map(instance => fitOn(model, instance, maxModelLength).kvTokens));
  const context = inputTokens + outputTokens;
  const target = scaling.targetConcurrencyPerReplica;
  const held = context > maxModelLength ? 0 : Math.floor(kvTokens / context);
  const { sequences } = batchOfGroup(instances);
  const calls = Math.min(target, held, sequences);
  return { calls, boundBy: calls === target ? 'target' : calls === held ? 'kv' : 'batch', kvTokens };
}

export interface PeakReplicas {
  /** Infinity where no number of replicas serves such calls. */
  readonly needed: Decimal;
  /** Calls in flight that the group's maximum holds. */
  readonly served: Decimal;
  readonly unserved: Decimal;
}

export function replicasForPeak(group: GpuGroup, { peak, call }: { readonly peak: Decimal; readonly call: CallShape }): PeakReplicas {
  const { calls } = concurrencyPerReplica(group, call);
  const served = decimal(group.scaling.maxReplicas).times(calls);
  return {
    needed: peak.isZero() ? ZERO : peak.div(calls).ceil(),
    served,
    unserved: Decimal.max(peak.minus(served), 0),
  };
}
