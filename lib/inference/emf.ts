/** CloudWatch's embedded metric format: a log line that becomes metrics, so that nobody needs permission to put them. */
import { GPU_METRICS, GPU_NAMESPACE, GROUP_DIMENSION, GpuMetric, metricsOf } from '../contracts/metrics';

export interface EmfRecord {
  readonly emitter: (typeof GPU_METRICS)[GpuMetric]['emitter'];
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** What is undefined is left out: a metric without a datum, not a 0. */
  readonly values: Partial<Record<GpuMetric, number>>;
  /** For who reads the log; not metrics. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** One line without its line break. */
export function emfLine({ emitter, group, timestamp, values, notes }: EmfRecord): string {
  const known = metricsOf(emitter).filter(name => values[name] !== undefined);
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{
        Namespace: GPU_NAMESPACE,
        Dimensions: [[GROUP_DIMENSION]],
        Metrics: known.map(name => ({ Name: name, Unit: GPU_METRICS[name].unit })),
      }],
    },
    ...notes,
    [GROUP_DIMENSION]: group,
    ...Object.fromEntries(known.map(name => [name, values[name]])),
  });
}
