/**
 * UsageRecord v1: what one call used, cost and earned; one JSON line on the gateway's standard output per call, refused ones
 * too. `process` and `seq` number the lines of a process without gaps, so that a lost line is seen.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const usd = z.string().regex(/^\d+(\.\d{1,12})?$/, 'dollars as a decimal string');

export const OUTCOMES = ['answered', 'client-gone', 'cut-short', 'upstream-failed', 'refused'] as const;

/** Why a call began at its tier. */
export const CHOICES = [
  /** The client named the tier. */
  'named',
  /** Its class is pinned to the tier. */
  'pinned',
  /** The workflow's order: the route has no premium share to keep. */
  'order',
  /** Premium: its expected gain is among the highest of late. */
  'gain',
  /** Cheap: others gain more. */
  'below-threshold',
  /** Cheap: nothing is gained by the premium model. */
  'no-gain',
  /** Cheap: premium was due, and its share is used up. */
  'share-full',
] as const;

export const ESCALATIONS = [
  'not-needed',
  'made',
  /** The premium tier answered in the first place. */
  'is-premium',
  /** The workflow has no premium tier that can take the call. */
  'no-premium-tier',
  /** By its class nothing is gained. */
  'no-gain',
  'share-full',
  /** No budget or tokens a minute are left for it, or the store cannot be asked. */
  'budget',
  /** The premium tier did not answer. */
  'failed',
] as const;

/** In the order they are tried, mildest first. */
export const TRIMMINGS = ['whitespace', 'duplicate-messages', 'duplicate-chunks', 'tool-outputs', 'turns'] as const;

const routeRecordSchema = z.strictObject({
  /** null: nothing did. */
  answeredBy: z.enum(['bypass', 'cache', 'model']).nullable(),
  /** The rule that answered. */
  bypass: z.string().nullable(),
  /** hit: kept from before. shared: of the same call at the same time. unsuited: not to be cached. failed: the cache did not answer. */
  cache: z.enum(['off', 'hit', 'shared', 'miss', 'unsuited', 'failed']),
  class: z.string().nullable(),
  choice: z.enum(CHOICES).nullable(),
  /** Expected gain by the premium model, where it was asked for, and the least of late that is served by it. */
  score: z.number().nullable(),
  threshold: z.number().nullable(),
  /** Of the answer that was given: the checks it failed; null where it was not checked. */
  failedChecks: z.array(z.string()).nullable(),
  escalation: z.enum(ESCALATIONS).nullable(),
  /** Tokens of the prompt before and after, as they were counted, and how; null where it went as it came. */
  trimmed: z.strictObject({ before: count, after: count, by: z.array(z.enum(TRIMMINGS)) }).nullable(),
});

const USAGES = ['provider', 'estimated', 'none'] as const;

const tokensSchema = z.strictObject({
  /** All input, with cacheRead and cacheWrite. */
  input: count,
  cacheRead: count,
  cacheWrite: count,
  /** All output, with reasoning. */
  output: count,
  reasoning: count,
});

/** Of a call that was escalated, the answer that was not given. Its cost is part of the record's; its tokens are not. */
const otherAnswerSchema = z.strictObject({
  tier: z.string(),
  failedChecks: z.array(z.string()),
  usage: z.enum(USAGES),
  tokens: tokensSchema,
  costUsd: usd.nullable(),
});

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
  /** Premium models asked: by this call, in the first place or as its escalation, or when another tier failed. */
  premiumCalls: count,
  route: routeRecordSchema,
  otherAnswer: otherAnswerSchema.nullable(),
  /** This is no call of a client's but the same one asked of another tier, to compare: it earns nothing. */
  shadowOf: z.string().nullable(),
  /** Served by a cheaper tier than the first, because a budget is exhausted or held by calls in flight. */
  degraded: z.boolean(),
  /** Calls to upstreams, the one that answered included. */
  attempts: count,
  /** provider: as it reported. estimated: it broke off or did not say. none: nothing was generated. */
  usage: z.enum(USAGES),
  tokens: tokensSchema,
  /** null: unknown, see unknownCost; never $0 for want of a price. */
  costUsd: usd.nullable(),
  /** Part of costUsd: what attempts that came to nothing may be billed, as it was reserved for each. */
  lostUsd: usd,
  unknownCost: z.string().nullable(),
  /** What the answer had cost that came out of the cache, so far as it is known. */
  savedUsd: usd,
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
export type RouteRecord = UsageRecord['route'];
