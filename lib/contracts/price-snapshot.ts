/** The document a dated price snapshot is: built in (lib/prices/snapshots) or written by `ai-margin prices refresh`. */
import { z } from 'zod';

/** A plain, non-negative decimal: never an exponent, so that what is written is what a person reads. */
const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal such as "0.0225"');
/** Sources date themselves to the day, the month or the year. */
const date = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'a date such as 2026-09-29 or 2026-09');

const rising = (tiers: readonly { upTo: string | null }[]): boolean =>
  tiers.every(({ upTo }, i) => i === 0 || (tiers[i - 1]!.upTo !== null && (upTo === null || Number(upTo) > Number(tiers[i - 1]!.upTo))));

export const priceEntrySchema = z.strictObject({
  unit: z.string().min(1),
  /** null: the price is known to be unknown, and `note` says why. */
  usd: decimal.nullable().optional(),
  /** Volume tiers in rising order; beyond the last `upTo` the price is unknown. A null `upTo` has no upper end. */
  tiers: z.array(z.strictObject({ upTo: decimal.nullable(), usd: decimal })).min(1).optional(),
  /** For prices that float (spot). */
  low: decimal.optional(),
  high: decimal.optional(),
  status: z.enum(['listed', 'inferred', 'stale', 'missing']),
  source: z.string().min(1),
  date: date.nullable(),
  sku: z.string().optional(),
  note: z.string().optional(),
}).refine(entry => (entry.usd !== undefined) !== (entry.tiers !== undefined), 'give either usd or tiers')
  .refine(entry => rising(entry.tiers ?? []), 'tiers rise, and only the last may have no upper end')
  .refine(entry => entry.usd !== null || entry.note !== undefined, 'an unknown price needs a note that says why');

export const priceSnapshotSchema = z.strictObject({
  version: z.literal(1),
  regions: z.record(z.string(), z.strictObject({ asOf: date, prices: z.record(z.string(), priceEntrySchema) })),
});

export type PriceEntry = z.infer<typeof priceEntrySchema>;
export type PriceSnapshot = z.infer<typeof priceSnapshotSchema>;
