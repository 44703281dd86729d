/** The document of `ai-margin compare`. Scales are those of the report; money is plain decimal strings, null is unknown. */
import { z } from 'zod';
import { reportSchema } from './report';

const totalScaleSchema = reportSchema.shape.totals.element.shape.scales.element;
const amount = totalScaleSchema.shape.revenueUsd;
const kind = z.enum(['managed', 'hosted', 'selfHosted', 'hybrid']);

export const comparisonSchema = z.strictObject({
  version: z.literal(1),
  currency: z.literal('USD'),
  stack: z.string(),
  region: z.string(),
  /** Construct path of the GPU group. */
  group: z.string(),
  /** Date of the oldest price used; null where none is dated. */
  pricesAsOf: z.string().nullable(),
  targetGrossMarginPercent: z.number(),
  /** null: no hourly rate is declared, so no figure is with people. */
  people: z.strictObject({
    hourlyUsd: z.number(), hoursPerMonth: z.number(),
    /** On top, for variants with own GPUs. */
    ownGpuHoursPerMonth: z.number(),
  }).nullable(),
  variants: z.array(z.strictObject({
    kind,
    servedBy: z.string(),
    /** Why its costs are floors; empty where they are not. */
    unknown: z.array(z.string()),
    scales: z.array(totalScaleSchema.extend({ costWithPeopleUsd: amount })),
  })),
  /** Self-hosted against each model API. */
  breakEven: z.array(z.strictObject({
    against: kind,
    /** Why nothing can be compared; the figures are null then. */
    unknown: z.array(z.string()),
    /** Multiples of today's volume between which own hosting costs less, people counted. */
    cheaper: z.array(z.strictObject({ from: amount, to: amount })).nullable(),
    comparedUpTo: amount.nullable(),
    /** What is unknown beyond that multiple. */
    limitedBy: z.array(z.string()),
    /** From here on own hosting costs less for as far as was compared; null where there is no such volume. */
    fromMultiple: amount.nullable(),
    fromRunsPerMonth: amount.nullable(),
  })),
  recommendation: z.strictObject({
    /** null: something unknown might be better. */
    variant: kind.nullable(),
    meetsTarget: z.boolean().nullable(),
    text: z.string(),
  }),
});

export type ComparisonDocument = z.infer<typeof comparisonSchema>;
