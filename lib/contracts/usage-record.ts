/**
 * UsageRecord v1: what one call used, cost and earned; one JSON line on the gateway's standard output per call, refused ones
 * too. `process` and `seq` number the lines of a process without gaps, so that a lost line is seen.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const usd = z.string().regex(/^\d+(\.\d{1,12})?$/, 'dollars as a decimal string');

export const OUTCOMES = ['answered', 'client-gone', 'cut-short', 'upstream-failed', 'refused'] as const;

export const usageRecordSchema = z.strictObject({
  type: z.literal('usage'),
  version: z.literal(1),
  /** Made at the start of a process. */
  process: z.string().min(1),
  /** 1, 2, 3, ... of its process. */
  seq: count.positive(),
  request: z.string().min(1),
  /** When the call arrived. */
  at: z.iso.datetime(),
  kind: z.enum(['chat', 'embedding']),
  /** null where the call was refused before it was known. */
  key: z.string().nullable(),
  tenant: z.string().nullable(),
  workflow: z.string().nullable(),
  /** As the client named it. */
  run: z.string().nullable(),
  /** answered: the whole reply. client-gone: it left before the end. cut-short: the upstream broke off after its first event. */
  outcome: z.enum(OUTCOMES),
  /** HTTP status of the reply. */
  status: z.number().int(),
  /** Why it was refused or failed: the `code` of the error. */
  error: z.string().nullable(),
  stream: z.boolean(),
  tier: z.string().nullable(),
  model: z.string().nullable(),
  premium: z.boolean(),
  /** Served by a cheaper tier than the first, because a budget is exhausted. */
  degraded: z.boolean(),
  /** Calls to upstreams, the one that answered included. */
  attempts: count,
  /** provider: as it reported. estimated: it broke off or did not say. none: nothing was generated. */
  usage: z.enum(['provider', 'estimated', 'none']),
  tokens: z.strictObject({
    /** All input, with cacheRead and cacheWrite. */
    input: count,
    cacheRead: count,
    cacheWrite: count,
    /** All output, with reasoning. */
    output: count,
    reasoning: count,
  }),
  /** null: unknown, see unknownCost; never $0 for want of a price. */
  costUsd: usd.nullable(),
  /** Part of costUsd: what attempts that came to nothing may be billed, as it was reserved for each. */
  lostUsd: usd,
  unknownCost: z.string().nullable(),
  /** What the call earned: its run's revenue at the run's first call. */
  revenueUsd: usd,
  /** The part of a run this call counts for: 1 or 0 where it names one and the store could be asked, else 1/callsPerRun. */
  runs: z.number().nonnegative(),
  latencyMs: z.number().nonnegative(),
  /** null where no first event came. */
  firstEventMs: z.number().nonnegative().nullable(),
});

export type UsageRecord = z.infer<typeof usageRecordSchema>;
export type Tokens = UsageRecord['tokens'];
