/** The EC2 instance types that serve a model: which GPU, how many, how many vCPUs a quota counts. */
import { GpuInstance } from '../contracts/gpu-group';
import { GPUS, Gpu } from './gpus';

/** Size, GPUs, vCPUs. */
type Size = readonly [size: string, gpus: number, vcpus: number];

interface Family {
  readonly name: string;
  readonly gpu: Gpu;
  readonly arm64?: true;
  readonly sizes: readonly Size[];
}

/** Sizes with one GPU up to 16xlarge, more GPUs for more. */
const COMMON: readonly Size[] = [
  ['xlarge', 1, 4], ['2xlarge', 1, 8], ['4xlarge', 1, 16], ['8xlarge', 1, 32], ['12xlarge', 4, 48], ['16xlarge', 1, 64], ['24xlarge', 4, 96], ['48xlarge', 8, 192],
];
const SEVENTH: readonly Size[] = [['2xlarge', 1, 8], ['4xlarge', 1, 16], ['8xlarge', 1, 32], ['12xlarge', 2, 48], ['24xlarge', 4, 96], ['48xlarge', 8, 192]];

/**
 * Counts, memory and vCPUs as EC2's DescribeInstanceTypes gives them, in the tables of aws/karpenter-provider-aws
 * (Apache-2.0, commit 1d92708, 2026-07-20). Facts only, no text of theirs. Prices are in lib/prices.
 */
const FAMILIES: readonly Family[] = [
  { name: 'g4dn', gpu: 't4', sizes: [['xlarge', 1, 4], ['2xlarge', 1, 8], ['4xlarge', 1, 16], ['8xlarge', 1, 32], ['12xlarge', 4, 48], ['16xlarge', 1, 64]] },
  { name: 'g5', gpu: 'a10g', sizes: COMMON },
  { name: 'g5g', gpu: 't4g', arm64: true, sizes: [['xlarge', 1, 4], ['2xlarge', 1, 8], ['4xlarge', 1, 16], ['8xlarge', 1, 32], ['16xlarge', 2, 64]] },
  { name: 'g6', gpu: 'l4', sizes: COMMON },
  { name: 'g6e', gpu: 'l40s', sizes: COMMON },
  { name: 'g7', gpu: 'rtx-pro-4500', sizes: SEVENTH },
  { name: 'g7e', gpu: 'rtx-pro-server-6000', sizes: SEVENTH },
  { name: 'gr6', gpu: 'l4', sizes: [['4xlarge', 1, 16], ['8xlarge', 1, 32]] },
  { name: 'p4d', gpu: 'a100-40gb', sizes: [['24xlarge', 8, 96]] },
  { name: 'p4de', gpu: 'a100-80gb', sizes: [['24xlarge', 8, 96]] },
  { name: 'p5', gpu: 'h100', sizes: [['4xlarge', 1, 16], ['48xlarge', 8, 192]] },
  { name: 'p5e', gpu: 'h200', sizes: [['48xlarge', 8, 192]] },
  { name: 'p5en', gpu: 'h200', sizes: [['48xlarge', 8, 192]] },
  { name: 'p6-b200', gpu: 'b200', sizes: [['48xlarge', 8, 192]] },
  { name: 'p6-b300', gpu: 'b300', sizes: [['48xlarge', 8, 192]] },
];

const CATALOG: ReadonlyMap<string, GpuInstance> = new Map(FAMILIES.flatMap(({ name, gpu, arm64, sizes }) => sizes.map(([size, gpus, vcpus]) => {
  const type = `${name}.${size}`;
  return [type, { type, gpu, gpus, ...GPUS[gpu], vcpus, architecture: arm64 ? 'arm64' : 'x86_64' }] as const;
})));

export const GPU_INSTANCE_TYPES: readonly string[] = [...CATALOG.keys()];

/** undefined for a type that is not known, or known not to serve: then whyNotServed says why. */
export const catalogInstance = (type: string): GpuInstance | undefined => CATALOG.get(type);

const NOT_SERVED: ReadonlyMap<string, string> = new Map([
  ...['inf1', 'inf2'].map(family => [family, 'AWS Inferentia chips, and the vLLM image serves on NVIDIA GPUs'] as const),
  ...['trn1', 'trn1n', 'trn2'].map(family => [family, 'AWS Trainium chips, and the vLLM image serves on NVIDIA GPUs'] as const),
  ...['g6f', 'gr6f'].map(family => [family, 'a fraction of an L4 GPU, and a replica needs at least one whole GPU'] as const),
]);

/** Why a type with accelerators cannot serve; undefined for one that can, or that nobody here knows. */
export function whyNotServed(type: string): string | undefined {
  const reason = NOT_SERVED.get(type.split('.')[0]!);
  return reason && `${type} has ${reason}`;
}
