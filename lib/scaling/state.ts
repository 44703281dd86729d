/** What a decision remembers for the next one. All instants are in ms; clocks may differ, so none is trusted to be past. */
import { z } from 'zod';
import { explainSchema } from '../errors';
import { cooldownSchema } from './cooldown';
import { windowSchema } from './window';

/** Partition key of the state table: the construct path of the group. */
export const STATE_KEY = 'group';

export const stateSchema = z.object({
  /** Replicas for the calls in flight, without floors and limits. */
  load: windowSchema,
  /** On-demand replicas that spot leaves to cover. */
  shortfall: windowSchema,
  /** By instance. */
  notices: z.record(z.string(), z.object({ kind: z.enum(['interruption', 'rebalance']), at: z.number() })),
  /** By instance in service: when it was first seen there, and since when it is healthy or not. */
  replicas: z.record(z.string(), z.object({ firstSeen: z.number(), healthy: z.boolean(), since: z.number() })),
  cooldown: cooldownSchema.optional(),
  /** Launch failures already counted. */
  counted: z.record(z.string(), z.number()),
  capUntil: z.number().optional(),
  spotPrices: z.object({
    at: z.number(),
    pools: z.array(z.object({ type: z.string(), zone: z.string(), usdPerHour: z.number() })),
  }).optional(),
});
export type State = z.infer<typeof stateSchema>;

export const NO_STATE: State = { load: [], shortfall: [], notices: {}, replicas: {}, counted: {} };

/** Field by field, as another version may have written it: what one cannot read must not take the spend cap with it. */
export function readState(document: unknown): { readonly state: State; readonly problem?: string } {
  const parsed = stateSchema.safeParse(document, { reportInput: true });
  if (parsed.success) return { state: parsed.data };
  const lost = new Set(parsed.error.issues.map(({ path }) => path[0]));
  const readable = Object.entries(document ?? {}).filter(([field]) => !lost.has(field));
  return { state: stateSchema.parse({ ...NO_STATE, ...Object.fromEntries(readable) }), problem: explainSchema('It', parsed.error) };
}
