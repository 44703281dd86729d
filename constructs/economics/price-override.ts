import { PriceOverride as Declared } from '../../lib/contracts/declaration';

/** Where a declared price comes from. */
export interface PriceSource {
  /** Why this price holds: contract, quote, invoice. At least eight characters. */
  readonly reason: string;
  /** Day the price was agreed or read, as `YYYY-MM-DD`. */
  readonly date: string;
}

/** A discount on list prices. */
export interface Discount extends PriceSource {
  /** Percent off the list price, 0 to 100. */
  readonly percentOff: number;
}

/** A committed or quoted price. */
export interface Commitment extends PriceSource {
  /** USD per unit, zero or more. */
  readonly usd: number;
  /** The unit, such as `hour`, `GB-month` or `million tokens`. */
  readonly unit: string;
}

/** A price by declaration instead of the price book's. Items are those of `ai-margin prices show`. */
export class PriceOverride {
  /**
   * Percent off the list price.
   *
   * @param item Price item such as `ec2/g6e.xlarge`, a prefix such as `ec2/*`, or a model such as `openai/gpt-5-mini`.
   */
  public static discount(item: string, discount: Discount): PriceOverride {
    return new PriceOverride({ kind: 'discount', item, percentOff: discount.percentOff, reason: discount.reason, date: discount.date });
  }

  /**
   * A price of your own, also for an item the price book does not know.
   *
   * @param item Price item such as `ec2/g6e.xlarge`; for tokens `provider/model/input`, `/output`, `/cacheRead` or `/cacheWrite`.
   */
  public static commitment(item: string, price: Commitment): PriceOverride {
    return new PriceOverride({ kind: 'commitment', item, usd: price.usd, unit: price.unit, reason: price.reason, date: price.date });
  }

  private constructor(private readonly declared: Declared) {}

  /** @internal */
  public _render(): Declared {
    return this.declared;
  }
}
