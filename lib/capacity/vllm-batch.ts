/** How many calls and tokens vLLM takes into one pass: its own defaults by GPU memory, which the forecast and the flags share. */
import { GpuInstance } from '../contracts/gpu-group';

export interface Batch {
  /** max-num-seqs. */
  readonly sequences: number;
  /** max-num-batched-tokens. */
  readonly tokens: number;
}

const LARGE_GPU_MIB = 70 * 1024;

const batchOf = (memoryMib: number): Batch =>
  memoryMib >= LARGE_GPU_MIB ? { sequences: 1024, tokens: 8192 } : { sequences: 256, tokens: 2048 };

/** One set of flags starts vLLM on every instance type of a group: the smallest memory decides. */
export const batchOfGroup = (instances: readonly Pick<GpuInstance, 'memoryMib'>[]): Batch => batchOf(Math.min(...instances.map(({ memoryMib }) => memoryMib)));
