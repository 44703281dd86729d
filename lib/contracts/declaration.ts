/**
 * What a stack declares about its money: the document in `Metadata.AiMargin` of its template and, per stack, in
 * `margin.yaml`. Literals and construct paths only, never tokens.
 */
import { z } from 'zod';
import { gpuGroupSchema } from './gpu-group';

const positive = z.number().positive();
const nonNegative = z.number().nonnegative();
const percent = z.number().min(0).max(100);
const text = z.string().min(1);
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-09-29');

/** Provider of what a GPU group of the same stack serves; `model` is then the group's construct path. */
export const GPU_GROUP = 'gpu-group';

export const modelUseSchema = z.strictObject({
  /** The provider's id in the token price list: aws (Bedrock), openai, anthropic, ...; or `gpu-group`. */
  provider: text,
  model: text,
  serviceTier: z.enum(['standard', 'batch', 'flex', 'priority']).default('standard'),
  /** Share of the workflow's model calls, in percent. */
  sharePercent: percent,
  /** A premium model is for the calls that need it; its share is shown. */
  premium: z.boolean().default(false),
  quotaTokensPerMinute: positive.optional(),
});

export const revenueSchema = z.union([
  z.strictObject({ usdPerRun: nonNegative }),
  z.strictObject({ seats: positive, usdPerSeatMonth: nonNegative }),
], 'usdPerRun, or seats with usdPerSeatMonth; money is never negative');

export const workflowSchema = z.strictObject({
  id: text,
  path: text.optional(),
  feature: text.optional(),
  revenue: revenueSchema,
  targetGrossMarginPercent: z.number().lt(100).optional(),
  runsPerMonth: positive,
  callsPerRun: positive,
  tokensPerCall: z.strictObject({
    input: nonNegative,
    output: nonNegative,
    cacheRead: nonNegative.default(0),
    cacheWrite: nonNegative.default(0),
  }).refine(t => t.cacheRead + t.cacheWrite <= t.input, 'cacheRead and cacheWrite are part of input and cannot exceed it'),
  uncertaintyPercent: z.strictObject({
    input: nonNegative.lt(100).default(20),
    output: nonNegative.lt(100).default(20),
    calls: nonNegative.lt(100).default(10),
  }).prefault({}),
  responseCacheHitPercent: percent.lt(100).default(0),
  peakConcurrency: positive,
  averageDurationSeconds: positive,
  maxP95LatencySeconds: positive.optional(),
  fixedCostWeight: nonNegative.default(1),
  servedBy: z.array(modelUseSchema).default([]),
});

export const growthSchema = z.strictObject({
  usageMultiple: z.number().gte(1).default(10),
  /** As usage, where it is not given. */
  revenueMultiple: positive.optional(),
  /** Growth of usage per month, in percent: turns "at 10x" into a month. */
  monthlyPercent: positive.optional(),
}).transform(growth => ({ ...growth, revenueMultiple: growth.revenueMultiple ?? growth.usageMultiple }));

export const selfHostingSchema = z.strictObject({
  instanceType: text,
  minReplicas: positive.int().default(2),
  tokensPerSecondPerReplica: positive,
  throughputUncertaintyPercent: nonNegative.lt(100).default(50),
  concurrencyPerReplica: positive.int(),
  engineeringHoursPerMonth: nonNegative.default(20),
  /** The same open model hosted by a provider. */
  hosted: z.strictObject({ provider: text, model: text }).optional(),
});

export const usageSchema = z.strictObject({
  /** Construct path or logical id; everything below the path is meant. */
  resource: text,
  /** Price item -> quantity a month in the item's unit. */
  quantities: z.record(z.string(), nonNegative),
  /** false: the quantity stays as it is when usage grows. */
  grows: z.boolean().default(true),
});

export const capacitySchema = z.strictObject({
  resource: text,
  concurrencyPerReplica: positive,
  /** Replicas kept for availability whatever the load. */
  highlyAvailableReplicas: z.number().int().min(1).default(1),
});

const overrideBase = { item: text, reason: z.string().min(8, 'a reason of substance'), date: isoDate };
export const priceOverrideSchema = z.union([
  /** Percent off the list price; the item may end in `*`. */
  z.strictObject({ kind: z.literal('discount'), ...overrideBase, percentOff: percent }),
  /** A committed or quoted price per unit, also for an item the book does not know. */
  z.strictObject({ kind: z.literal('commitment'), ...overrideBase, usd: nonNegative, unit: text }),
]);

export const creditSchema = z.strictObject({ monthlyUsd: positive, reason: overrideBase.reason, date: isoDate });

export const economicsSchema = z.strictObject({
  path: text.optional(),
  targetGrossMarginPercent: z.number().lt(100, 'a target margin is below 100 %'),
  growth: growthSchema.prefault({}),
  engineering: z.strictObject({ hoursPerMonth: nonNegative, hourlyUsd: nonNegative }).optional(),
  selfHosting: selfHostingSchema.optional(),
});

export const declarationSchema = z.strictObject({
  version: z.literal(1),
  pricingRegion: text.optional(),
  economics: economicsSchema.optional(),
  workflows: z.array(workflowSchema).default([]),
  usage: z.array(usageSchema).default([]),
  capacity: z.array(capacitySchema).default([]),
  groups: z.array(gpuGroupSchema).default([]),
  priceOverrides: z.array(priceOverrideSchema).default([]),
  credits: z.array(creditSchema).default([]),
});

/** margin.yaml: what each stack of somebody else's app declares. */
export const marginFileSchema = z.strictObject({
  version: z.literal(1),
  stacks: z.record(z.string(), declarationSchema.omit({ version: true }).extend({ economics: economicsSchema.partial().optional() })),
});

export type Declaration = z.infer<typeof declarationSchema>;
export type DeclarationInput = z.input<typeof declarationSchema>;
export type WorkflowDeclaration = z.infer<typeof workflowSchema>;
export type ModelUseDeclaration = z.infer<typeof modelUseSchema>;
/** Is it served by a GPU group, whose instances cost by the hour and not by the token? */
export const isGpuGroup = ({ provider }: { readonly provider: string }): boolean => provider === GPU_GROUP;
export type SelfHostingDeclaration = z.infer<typeof selfHostingSchema>;
export type PriceOverride = z.infer<typeof priceOverrideSchema>;
export type UsageDeclaration = z.infer<typeof usageSchema>;
export type CapacityDeclaration = z.infer<typeof capacitySchema>;
export const emptyDeclaration = (): Declaration => declarationSchema.parse({ version: 1 });
