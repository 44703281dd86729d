/** Does a model fit, and how many tokens of context can its GPUs keep: the first thing that goes wrong with a served model. */
import { GpuInstance, ServedModelDeclaration } from '../contracts/gpu-group';
import { count } from '../figures';
import { decimal } from '../money';

/** vLLM's gpu-memory-utilization, and what each GPU needs besides weights and KV cache (activations, CUDA graphs, buffers). */
export const GPU_MEMORY_UTILIZATION = 0.9;
const OVERHEAD_BYTES_PER_GPU = 3.5e9;
const MIB = 2 ** 20;
/** vLLM keeps keys and values in 16 bits. */
const BYTES_PER_KV_VALUE = 2;

export interface Fit {
  readonly fits: boolean;
  /** Over all GPUs of one replica, like all that follows. */
  readonly usableBytes: number;
  readonly weightBytes: number;
  readonly overheadBytes: number;
  readonly kvBytesPerToken: number;
  /** Whole tokens of context that memory holds, over all calls in flight. */
  readonly kvTokens: number;
  /** The sum above in one sentence. */
  readonly arithmetic: string;
}

/** Tensor parallelism over all GPUs of the instance. Fits when one call of the longest context does. */
export function fitOn(model: ServedModelDeclaration, { gpus, memoryMib }: Pick<GpuInstance, 'gpus' | 'memoryMib'>, maxModelLength: number): Fit {
  const usableBytes = GPU_MEMORY_UTILIZATION * memoryMib * MIB * gpus;
  const weightBytes = model.weightGigabytes * 1e9;
  const overheadBytes = OVERHEAD_BYTES_PER_GPU * gpus;
  const left = usableBytes - weightBytes - overheadBytes;
  const kvBytesPerToken = kvBytes(model, gpus);
  const kvTokens = Math.max(0, Math.floor(left / kvBytesPerToken));
  const tokens = (value: number): string => count(decimal(value));
  const room = left < 0 ? `are ${gigabytes(-left)} too much`
    : `leave ${gigabytes(left)}, room for ${tokens(kvTokens)} tokens of ${(kvBytesPerToken / 1024).toFixed(0)} KiB; the longest call has ${tokens(maxModelLength)}`;
  return {
    fits: kvTokens >= maxModelLength, usableBytes, weightBytes, overheadBytes, kvBytesPerToken, kvTokens,
    arithmetic: `90 % of ${gigabytes(memoryMib * MIB * gpus)} on ${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'} is ${gigabytes(usableBytes)}; `
      + `weights of ${gigabytes(weightBytes)} and ${gigabytes(overheadBytes)} of overhead ${room}.`,
  };
}

/** Keys and values of one token. A head that is not divided among the GPUs is kept by each of them. */
export function kvBytes({ layers, kvHeads, headDim }: ServedModelDeclaration, gpus: number): number {
  return 2 * layers * Math.ceil(kvHeads / gpus) * gpus * headDim * BYTES_PER_KV_VALUE;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
