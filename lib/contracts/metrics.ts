/**
 * Every metric this library emits: name, unit, emitter and dimensions. Metrics of replicas and gateways are amounts since the
 * last record, so their sums over processes and periods stay right whatever the pace of the records.
 */
export const GPU_NAMESPACE = 'AiMargin/Gpu';
/** Its value is the construct path of the GPU group. */
export const GROUP_DIMENSION = 'Group';

interface Metric {
  readonly unit: 'Count' | 'Seconds' | 'Milliseconds' | 'Percent' | 'None';
  /** `gpu-metrics` runs beside each replica, `capacity-controller` once a minute per group, `gateway` is each process of one. */
  readonly emitter: 'gpu-metrics' | 'capacity-controller' | 'gateway';
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
} as const satisfies Record<string, Metric & { readonly emitter: 'gpu-metrics' | 'capacity-controller' }>;

/** Of one emitter, in the order of the table. */
export const metricsOf = (emitter: (typeof GPU_METRICS)[GpuMetric]['emitter']): GpuMetric[] =>
  (Object.keys(GPU_METRICS) as GpuMetric[]).filter(name => GPU_METRICS[name].emitter === emitter);

export type GpuMetric = keyof typeof GPU_METRICS;

export const GATEWAY_NAMESPACE = 'AiMargin/Gateway';

/**
 * What a gateway's metric is told apart by; each combination of values is billed. Never a tenant, a run or a request: those are
 * in the usage records. Two gateways, such as a test's and production's, are told apart at no cost.
 */
export const GATEWAY_DIMENSIONS = {
  Gateway: ['Gateway'],
  Workflow: ['Gateway', 'Workflow'],
  Tier: ['Gateway', 'Tier'],
} as const;

export type GatewayDimension = keyof typeof GATEWAY_DIMENSIONS;

interface OfGateway extends Metric {
  readonly emitter: 'gateway';
  readonly dimension: GatewayDimension;
}

export const GATEWAY_METRICS = {
  Calls: { unit: 'Count', emitter: 'gateway', dimension: 'Workflow', meaning: 'calls that were not refused: answered, left by the client or failed' },
  Runs: { unit: 'Count', emitter: 'gateway', dimension: 'Workflow', meaning: 'runs begun' },
  CostUsd: { unit: 'None', emitter: 'gateway', dimension: 'Workflow', meaning: 'dollars that calls cost, as far as it is known' },
  RevenueUsd: { unit: 'None', emitter: 'gateway', dimension: 'Workflow', meaning: 'dollars that runs earned' },
  PremiumCalls: { unit: 'Count', emitter: 'gateway', dimension: 'Workflow', meaning: 'calls of premium models: escalations and shadow calls too' },
  SavedUsd: { unit: 'None', emitter: 'gateway', dimension: 'Workflow', meaning: 'dollars that answers out of the cache had cost when they were made' },
  Errors: { unit: 'Count', emitter: 'gateway', dimension: 'Workflow', meaning: 'calls that failed by an upstream\'s or the gateway\'s fault' },
  /** A sample of at most 100 per record: for percentiles; Calls has the number. */
  LatencyMs: { unit: 'Milliseconds', emitter: 'gateway', dimension: 'Workflow', meaning: 'arrival to last byte of answered calls' },

  InputTokens: { unit: 'Count', emitter: 'gateway', dimension: 'Tier', meaning: 'input tokens, those of the caches included' },
  CacheReadTokens: { unit: 'Count', emitter: 'gateway', dimension: 'Tier', meaning: 'input tokens read from the provider\'s prompt cache' },
  CacheWriteTokens: { unit: 'Count', emitter: 'gateway', dimension: 'Tier', meaning: 'input tokens written to the provider\'s prompt cache' },
  OutputTokens: { unit: 'Count', emitter: 'gateway', dimension: 'Tier', meaning: 'output tokens, those of reasoning included' },
  ReasoningTokens: { unit: 'Count', emitter: 'gateway', dimension: 'Tier', meaning: 'output tokens of reasoning' },
  /** A sample, as LatencyMs. */
  FirstEventMs: { unit: 'Milliseconds', emitter: 'gateway', dimension: 'Tier', meaning: 'arrival to the first event of the reply' },

  StoreFailures: { unit: 'Count', emitter: 'gateway', dimension: 'Gateway', meaning: 'calls of the budget store that failed or took too long' },
  UncountedCalls: { unit: 'Count', emitter: 'gateway', dimension: 'Gateway', meaning: 'calls whose cost the budget store could not be told' },
  UnknownCostCalls: { unit: 'Count', emitter: 'gateway', dimension: 'Gateway', meaning: 'calls whose cost is unknown' },
  BudgetRefusals: { unit: 'Count', emitter: 'gateway', dimension: 'Gateway', meaning: 'calls refused because a budget is exhausted or cannot be asked' },
  ConfigRefused: { unit: 'Count', emitter: 'gateway', dimension: 'Gateway', meaning: 'new configurations that were refused; the old one holds' },
} as const satisfies Record<string, OfGateway>;

export type GatewayMetric = keyof typeof GATEWAY_METRICS;

export const gatewayMetricsBy = (dimension: GatewayDimension): GatewayMetric[] =>
  (Object.keys(GATEWAY_METRICS) as GatewayMetric[]).filter(name => GATEWAY_METRICS[name].dimension === dimension);
