/** The report document. Money and quantities are plain decimal strings; a month has 730 hours; null is unknown. */
import { z } from 'zod';

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const range = z.strictObject({ low: amount, expected: amount, high: amount });
const marginRange = z.strictObject({ low: amount.nullable(), expected: amount.nullable(), high: amount.nullable() });
const verdict = z.enum(['ok', 'breaks', 'unknown']);

const lineSchema = z.strictObject({
  item: z.string(),
  /** null: usage that nobody declared. */
  quantity: amount.nullable(),
  unit: z.string(),
  unitPriceUsd: amount.nullable(),
  monthlyUsd: amount.nullable(),
  range: range.nullable(),
  usageBased: z.boolean(),
  source: z.string().nullable(),
  asOf: z.string().nullable(),
  sku: z.string().nullable(),
  status: z.enum(['listed', 'inferred', 'stale', 'override', 'unknown']),
  note: z.string().nullable(),
});

const scaleSchema = z.strictObject({
  multiple: z.number(),
  runs: amount,
  revenueUsd: amount,
  costUsd: range,
  costPerRunUsd: range,
  acceptableCostPerRunUsd: amount,
  /** null where there is no revenue. */
  grossMarginPercent: marginRange,
  /** false: something is unknown, so costs are floors and margins ceilings. */
  complete: z.boolean(),
  verdict,
});

const purposesSchema = z.strictObject({
  work: amount, headroom: amount, replication: amount, idle: amount, platform: amount, people: amount,
});

export const reportSchema = z.strictObject({
  version: z.literal(1),
  currency: z.literal('USD'),
  /** Date of the oldest price used; null where none is dated. */
  pricesAsOf: z.string().nullable(),
  stacks: z.array(z.strictObject({
    name: z.string(),
    region: z.string(),
    /** The priced resources of the template; the models are under workflows. */
    monthlyUsd: amount,
    /** Lines and resources that are not in monthlyUsd, because a price or a usage is unknown. */
    unknown: z.number(),
    resources: z.array(z.strictObject({ logicalId: z.string(), path: z.string(), type: z.string(), lines: z.array(lineSchema) })),
    unpriced: z.array(z.strictObject({ logicalId: z.string(), path: z.string(), type: z.string(), reason: z.string() })),
  })),
  workflows: z.array(z.strictObject({
    stack: z.string(),
    id: z.string(),
    feature: z.string().nullable(),
    targetGrossMarginPercent: z.number(),
    models: z.array(z.strictObject({
      item: z.string(), sharePercent: z.number(), premium: z.boolean(), costPerCallUsd: amount, costPerRunUsd: range,
      source: z.string(), asOf: z.string(), status: z.enum(['listed', 'inferred']),
    })),
    unknown: z.array(z.string()),
    scales: z.array(scaleSchema),
  })),
  totals: z.array(z.strictObject({
    stack: z.string(),
    /** never: not within ten years; unknown: not broken and not proved to hold; null: no monthly growth declared. */
    breaksInMonth: z.union([z.number(), z.enum(['never', 'unknown'])]).nullable(),
    scales: z.array(scaleSchema.extend({
      /** Calls in flight at the peak that the maximum of a group cannot hold. */
      unserved: z.array(z.strictObject({ path: z.string(), calls: amount })),
      purposesUsd: purposesSchema, creditsUsd: amount, grossMarginWithPeoplePercent: amount.nullable(),
    })),
  })),
  breakEven: z.array(z.union([
    z.strictObject({ stack: z.string(), instanceType: z.string(), unknown: z.string() }),
    z.strictObject({
      stack: z.string(), instanceType: z.string(), unknown: z.null(),
      fixedUsdPerMonth: amount, minReplicas: z.number(), peopleCounted: z.boolean(),
      points: z.array(z.strictObject({
        against: z.string(), apiUsdPerRun: amount, runsPerMonth: amount.nullable(), replicas: z.number().nullable(), capacityRunsPerMonth: range.nullable(),
      })),
    }),
  ])),
  findings: z.array(z.strictObject({
    rule: z.string(), severity: z.enum(['error', 'warning', 'info']), stack: z.string(), path: z.string(), message: z.string(), fix: z.string(),
  })),
  verdict,
});

export type Report = z.infer<typeof reportSchema>;
