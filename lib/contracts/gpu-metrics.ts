/** What the metrics service beside each replica is told: one JSON document in its environment, written by the construct. */
import { z } from 'zod';

/** Environment variable that holds the document. */
export const GPU_METRICS_CONFIG = 'AI_MARGIN_GPU_METRICS';

/** Timers of Node run at once when told to wait for more than 24 days. */
const seconds = z.number().positive().max(3600);

export const gpuMetricsConfigSchema = z.strictObject({
  /** Construct path of the group: the metric dimension. */
  group: z.string().min(1),
  /** vLLM's metrics, such as http://vllm:8000/metrics. */
  url: z.url({ protocol: /^http$/ }),
  /** Tokens a second of one replica at its target concurrency: generated ones, of an embedding model processed ones. */
  ratedTokensPerSecond: z.number().positive(),
  scrapeSeconds: seconds,
  /** One EMF record each so many seconds. */
  recordSeconds: seconds,
});

export type GpuMetricsConfig = z.infer<typeof gpuMetricsConfigSchema>;
