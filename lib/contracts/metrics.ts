/**
 * Every metric this library emits: name, unit and emitter. Replica metrics are amounts since the last record, so their
 * sums over replicas and periods stay right whatever the pace of the records.
 */
export const GPU_NAMESPACE = 'AiMargin/Gpu';
/** Its value is the construct path of the GPU group. */
export const GROUP_DIMENSION = 'Group';

interface Metric {
  readonly unit: 'Count' | 'Seconds' | 'Percent' | 'None';
  /** `gpu-metrics` runs beside each replica, `capacity-controller` once a minute per group. */
  readonly emitter: 'gpu-metrics' | 'capacity-controller';
  readonly meaning: string;
}

export const GPU_METRICS = {
  InFlightSeconds: { unit: 'Seconds', emitter: 'gpu-metrics', meaning: 'calls running or waiting, times seconds' },
  WaitingSeconds: { unit: 'Seconds', emitter: 'gpu-metrics', meaning: 'calls waiting for a place in the batch, times seconds' },
  ReplicaSeconds: { unit: 'Seconds', emitter: 'gpu-metrics', meaning: 'seconds a replica was up' },
  IdleReplicaSeconds: { unit: 'Seconds', emitter: 'gpu-metrics', meaning: 'seconds a replica was up with no call in flight' },
  PromptTokens: { unit: 'Count', emitter: 'gpu-metrics', meaning: 'input tokens processed' },
  OutputTokens: { unit: 'Count', emitter: 'gpu-metrics', meaning: 'tokens generated' },
  /** Utilisation is OutputTokens over RatedTokens (of an embedding model PromptTokens over RatedTokens). */
  RatedTokens: { unit: 'Count', emitter: 'gpu-metrics', meaning: 'tokens the replica is rated to make in that time at target concurrency' },
  KvCacheUsage: { unit: 'Percent', emitter: 'gpu-metrics', meaning: 'share of the KV cache in use' },
  ScrapeFailures: { unit: 'Count', emitter: 'gpu-metrics', meaning: 'scrapes of vLLM that failed or could not be read' },

  Ticks: { unit: 'Count', emitter: 'capacity-controller', meaning: 'decisions made' },
  Demand: { unit: 'Count', emitter: 'capacity-controller', meaning: 'replicas wanted' },
  Floor: { unit: 'Count', emitter: 'capacity-controller', meaning: 'replicas wanted without any load: minimum and scheduled floors' },
  Maximum: { unit: 'Count', emitter: 'capacity-controller', meaning: 'most replicas allowed now: maximum or spend cap' },
  ReadySpot: { unit: 'Count', emitter: 'capacity-controller', meaning: 'healthy spot replicas without a notice' },
  ReadyOnDemand: { unit: 'Count', emitter: 'capacity-controller', meaning: 'healthy on-demand replicas' },
  DesiredSpot: { unit: 'Count', emitter: 'capacity-controller', meaning: 'desired capacity of the spot group' },
  DesiredOnDemand: { unit: 'Count', emitter: 'capacity-controller', meaning: 'desired capacity of the on-demand group' },
  Unhealthy: { unit: 'Count', emitter: 'capacity-controller', meaning: 'replicas that run past their start-up time and are not healthy' },
  SpotLaunchFailures: { unit: 'Count', emitter: 'capacity-controller', meaning: 'spot launches that failed' },
  OnDemandLaunchFailures: { unit: 'Count', emitter: 'capacity-controller', meaning: 'on-demand launches that failed' },
  FailedActions: { unit: 'Count', emitter: 'capacity-controller', meaning: 'what a tick could not read or do; the next tick tries again' },
} as const satisfies Record<string, Metric>;

/** Of one emitter, in the order of the table. */
export const metricsOf = (emitter: Metric['emitter']): GpuMetric[] =>
  (Object.keys(GPU_METRICS) as GpuMetric[]).filter(name => GPU_METRICS[name].emitter === emitter);

export type GpuMetric = keyof typeof GPU_METRICS;
