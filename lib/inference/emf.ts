/** The metrics of a GPU group as a log line, whichever of its two emitters writes it. */
import { GPU_METRICS, GPU_NAMESPACE, GROUP_DIMENSION, GpuMetric, metricsOf } from '../contracts/metrics';
import { emf } from '../emf';

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
  const metrics = metricsOf(emitter).flatMap(name => {
    const value = values[name];
    return value === undefined ? [] : [{ name, unit: GPU_METRICS[name].unit, value }];
  });
  return emf({ namespace: GPU_NAMESPACE, dimensions: { [GROUP_DIMENSION]: group }, timestamp, metrics, notes });
}
