/**
 * What a GPU inference group declares, as it stands in `groups[]` of `Metadata.AiMargin`: literals and construct paths
 * only. Instance shapes and model sizes are written out, so that a reader of the template needs no catalogue.
 */
import { z } from 'zod';

const positive = z.number().positive();
const whole = z.number().int();
const text = z.string().min(1);

/** Memory sizes are those of the card (MiB, as EC2's DescribeInstanceTypes gives them), bandwidth and TFLOPS are dense figures of one GPU. */
export const gpuInstanceSchema = z.strictObject({
  type: text,
  gpu: text,
  gpus: whole.positive(),
  /** Of one GPU. */
  memoryMib: positive,
  /** Of one GPU, in 1e9 bytes a second. */
  bandwidthGigabytesPerSecond: positive,
  /** Of one GPU, dense, by the precision of the arithmetic. Without fp8 units, fp8 weights compute in bf16. */
  teraflops: z.strictObject({ bf16: positive, fp8: positive.optional() }),
  /** What a quota counts; unknown for a type that was declared without. */
  vcpus: whole.positive().optional(),
  architecture: z.enum(['x86_64', 'arm64']),
});

export const servedModelSchema = z.strictObject({
  name: text,
  /** What vLLM loads: a hub id or an s3:// address. */
  source: text,
  task: z.enum(['generate', 'embed']),
  precision: z.enum(['bf16', 'fp8', 'int4']),
  /** The whole checkpoint in GPU memory, in 1e9 bytes. */
  weightGigabytes: positive,
  /** Parameters that one token passes through, in 1e9; fewer than all in a mixture of experts. */
  activeParametersBillion: positive,
  layers: whole.positive(),
  kvHeads: whole.positive(),
  headDim: whole.positive(),
  maxContextTokens: whole.positive(),
});

/** One measured point, such as `vllm bench serve` prints. */
export const measuredPointSchema = z.strictObject({
  concurrency: positive,
  /** Generated ones; of an embedding model, which generates none, the processed ones. */
  tokensPerSecond: positive,
  inputTokensPerCall: positive,
  outputTokensPerCall: z.number().nonnegative(),
});

export const purchaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('spotWithFallback'),
    /** Replicas always on demand, as long as there is demand for so many. */
    onDemandBase: whole.nonnegative(),
    /** On-demand replicas stay this long after spot covers the demand again. */
    holdSeconds: whole.nonnegative(),
    /** Spot above this share of the on-demand price is not bought. */
    maxSpotPricePercent: positive.max(100),
  }),
  z.strictObject({ kind: z.literal('onDemand') }),
  z.strictObject({ kind: z.literal('spotOnly'), reason: z.string().min(8, 'a reason of substance') }),
]);

export const scheduledFloorSchema = z.strictObject({
  id: text,
  minReplicas: whole.positive(),
  /** When it begins: five fields, minute hour day month weekday. */
  cron: text,
  /** IANA name, such as America/New_York. */
  timeZone: text,
  durationSeconds: whole.positive(),
});

export const scalingSchema = z.strictObject({
  minReplicas: whole.nonnegative(),
  maxReplicas: whole.positive(),
  targetConcurrencyPerReplica: whole.positive(),
  /** How long a lower demand must last before replicas go; without a call for so long, a group whose minimum is 0 goes to zero. */
  idleHoldSeconds: whole.nonnegative(),
});

export const gpuGroupSchema = z.strictObject({
  path: text,
  model: servedModelSchema,
  /** The first is the expected one; all have the same number of GPUs. */
  instances: z.array(gpuInstanceSchema).min(1),
  /** Longest context a call may have (vLLM's max-model-len). */
  maxModelLength: whole.positive(),
  scaling: scalingSchema,
  purchase: purchaseSchema,
  floors: z.array(scheduledFloorSchema).default([]),
  measured: z.array(measuredPointSchema).default([]),
  /** Construct paths of the Auto Scaling groups it runs on. */
  spotGroup: text.optional(),
  onDemandGroup: text.optional(),
  /** What the account may run of this instance family, in vCPUs. */
  quota: z.strictObject({ onDemandVcpus: positive.optional(), spotVcpus: positive.optional() }).prefault({}),
  /** From launch to the first good health check. */
  coldStartSeconds: whole.positive(),
  /** Why nobody is alarmed; absent where alarms are on. */
  unmonitored: text.optional(),
});

export type GpuInstance = z.infer<typeof gpuInstanceSchema>;
export type ServedModelDeclaration = z.infer<typeof servedModelSchema>;
export type MeasuredPoint = z.infer<typeof measuredPointSchema>;
export type PurchaseDeclaration = z.infer<typeof purchaseSchema>;
export type ScheduledFloor = z.infer<typeof scheduledFloorSchema>;
export type Scaling = z.infer<typeof scalingSchema>;
export type GpuGroup = z.infer<typeof gpuGroupSchema>;
