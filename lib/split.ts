/** What a cost is for: work, the headroom above it, replication, idling, or the platform beside it. */
import { Decimal, ZERO, decimal } from './money';

/** Fractions of a cost, adding up to 1. */
export interface Split {
  readonly work: Decimal;
  readonly headroom: Decimal;
  readonly replication: Decimal;
  readonly idle: Decimal;
  readonly platform: Decimal;
}

export const ALL_PLATFORM: Split = { work: ZERO, headroom: ZERO, replication: ZERO, idle: ZERO, platform: decimal(1) };
