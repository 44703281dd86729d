/** The settings of the metrics service, from its environment: refused at the start rather than misunderstood for days. */
import { GPU_METRICS_CONFIG, GpuMetricsConfig, gpuMetricsConfigSchema } from '../../contracts/gpu-metrics';
import { InputError, parseWith } from '../../errors';

export function readSettings(environment: Readonly<Record<string, string | undefined>>): GpuMetricsConfig {
  const text = environment[GPU_METRICS_CONFIG];
  if (text === undefined) throw new InputError(`The environment variable ${GPU_METRICS_CONFIG} is missing: give it the JSON document of the metrics service.`);
  return parseWith(gpuMetricsConfigSchema, parseJson(text), GPU_METRICS_CONFIG);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${GPU_METRICS_CONFIG} is not JSON: ${(error as SyntaxError).message}.`);
  }
}
