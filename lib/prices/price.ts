/** What a price lookup answers: a price with its provenance, or that it is unknown and why. */
import { Decimal, NOTHING, Range, ZERO, decimal, exactly, plus, times } from '../money';

export interface Provenance {
  readonly source: string;
  /** To the day, month or year, as the source dates itself; null where it does not. */
  readonly asOf: string | null;
  readonly sku: string | null;
  readonly status: 'listed' | 'inferred' | 'stale' | 'override';
  readonly note?: string;
}

export interface Tier {
  /** Quantity up to which this price holds; null for no end. */
  readonly upTo: Decimal | null;
  readonly usd: Range;
}

export interface KnownPrice extends Provenance {
  readonly known: true;
  readonly item: string;
  readonly unit: string;
  readonly tiers: readonly [Tier, ...Tier[]];
}

export interface UnknownPrice {
  readonly known: false;
  readonly item: string;
  readonly reason: string;
  /** The unit the item is counted in, where a snapshot of some region tells. */
  readonly unit?: string;
}

export type Price = KnownPrice | UnknownPrice;

/** Cost of a monthly quantity through the volume tiers; null where the quantity leaves the tiers that are known. */
export function costOf(price: KnownPrice, quantity: Decimal): Range | null {
  const [first] = price.tiers;
  if (first.upTo === null) return times(first.usd, quantity);
  let cost = NOTHING;
  let from = ZERO;
  for (const tier of price.tiers) {
    const until = tier.upTo === null ? quantity : Decimal.min(quantity, tier.upTo);
    cost = plus(cost, times(tier.usd, Decimal.max(until.minus(from), ZERO)));
    from = until;
  }
  return from.lt(quantity) ? null : cost;
}

export const flat = (usd: string): readonly [Tier, ...Tier[]] => [{ upTo: null, usd: exactly(decimal(usd)) }];
