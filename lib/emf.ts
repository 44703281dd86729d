/** CloudWatch's embedded metric format: a log line that becomes metrics, so that nobody needs permission to put them. */

export interface EmfMetric {
  readonly name: string;
  readonly unit: string;
  /** Several, at most 100, are a distribution. */
  readonly value: number | readonly number[];
}

export interface Emf {
  readonly namespace: string;
  /** Together one combination, by which the metrics are told apart. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly metrics: readonly EmfMetric[];
  /** For who reads the log; not metrics. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** One line without its line break. */
export function emf({ namespace, dimensions, timestamp, metrics, notes }: Emf): string {
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{
        Namespace: namespace,
        Dimensions: [Object.keys(dimensions)],
        Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
      }],
    },
    ...notes,
    ...dimensions,
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  });
}
