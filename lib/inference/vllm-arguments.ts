/** How vLLM is started: flags that batch, put the important calls first, and let calls in flight end before it goes. */
import { GPU_MEMORY_UTILIZATION } from '../capacity/fit';
import { isStreamed } from '../capacity/models';
import { batchOfGroup } from '../capacity/vllm-batch';
import { GpuGroup } from '../contracts/gpu-group';

export const VLLM_PORT = 8000;
/** As the container beside it reaches it. */
export const VLLM_METRICS_URL = `http://vllm:${VLLM_PORT}/metrics`;

/**
 * A spot notice leaves 120 s, of which some pass before anybody acts: the load balancer sends no new calls and waits for those in flight, then vLLM gets the
 * signal and ends the rest (its default of 0 s would abort them); ECS kills it last.
 */
export const DRAIN = { deregistrationSeconds: 45, shutdownSeconds: 50, stopSeconds: 55, idleTimeoutSeconds: 300 };

export function vllmArguments({ model, instances, maxModelLength }: Pick<GpuGroup, 'model' | 'instances' | 'maxModelLength'>, weights: string): string[] {
  // Written out, so that another version of vLLM does not change what was forecast.
  const batch = batchOfGroup(instances);
  return [
    weights,
    '--served-model-name', model.name,
    '--port', String(VLLM_PORT),
    ...model.task === 'embed' ? ['--runner', 'pooling'] : [],
    '--tensor-parallel-size', String(instances[0]!.gpus),
    '--max-model-len', String(maxModelLength),
    '--gpu-memory-utilization', String(GPU_MEMORY_UTILIZATION),
    '--max-num-seqs', String(batch.sequences),
    // An embedding model reads a whole text in one pass.
    '--max-num-batched-tokens', String(model.task === 'embed' ? Math.max(batch.tokens, maxModelLength) : batch.tokens),
    '--scheduling-policy', 'priority',
    '--shutdown-timeout', String(DRAIN.shutdownSeconds),
    '--disable-uvicorn-access-log',
    ...isStreamed(model) ? ['--load-format', 'runai_streamer'] : [],
  ];
}
