/** What a decision remembers for the next one. All instants are in ms; clocks may differ, so none is trusted to be past. */
import { z } from 'zod';
import { cooldownSchema } from './cooldown';
import { windowSchema } from './window';

/** Partition key of the state table: the construct path of the group. */
export const STATE_KEY = 'group';

const instants = z.record(z.string(), z.number());

export const stateSchema = z.strictObject({
  /** Replicas for the calls in flight, without floors and limits. */
  load: windowSchema,
  /** On-demand replicas that spot leaves to cover. */
  shortfall: windowSchema,
  /** By instance. */
  notices: z.record(z.string(), z.strictObject({ kind: z.enum(['interruption', 'rebalance']), at: z.number() })),
  /** When each instance was first seen in service. */
  inService: instants,
  cooldown: cooldownSchema.optional(),
  /** Launch failures already counted. */
  counted: instants,
  capUntil: z.number().optional(),
  spotPrices: z.strictObject({
    at: z.number(),
    pools: z.array(z.strictObject({ type: z.string(), zone: z.string(), usdPerHour: z.number() })),
  }).optional(),
});
export type State = z.infer<typeof stateSchema>;

export const NO_STATE: State = { load: [], shortfall: [], notices: {}, inService: {}, counted: {} };
