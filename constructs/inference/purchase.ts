import { Duration } from 'aws-cdk-lib';
import { PurchaseDeclaration, purchaseSchema } from '../../lib/contracts/gpu-group';
import { parseWith } from '../../lib/errors';

/** How spot falls back to on-demand. */
export interface SpotWithFallbackOptions {
  /**
   * Replicas that are always on demand, as long as the demand is for so many. One is what keeps a group alive when a
   * region runs out of spot; it costs the difference between on-demand and spot.
   *
   * @default 1
   */
  readonly onDemandBase?: number;
  /**
   * On-demand replicas stay this long after spot covers the demand again, so that a spot market that flickers does not
   * make replicas start and stop.
   *
   * @default Duration.minutes(15)
   */
  readonly hold?: Duration;
  /**
   * No more spot is bought while every pool (type and zone) is dearer than this, in percent of its on-demand price; a dear
   * pool beside a cheap one may be. Where the price book does not know that price of any type, nothing is held back; synth
   * tells of which types it does not.
   *
   * @default 80
   */
  readonly maxSpotPricePercent?: number;
}

/** Options of spot without fallback. */
export interface SpotOnlyOptions {
  /** Why it may be gone for hours: such as "batch work that waits". At least eight characters. */
  readonly reason: string;
}

/** How GPU instances are bought. */
export class Purchase {
  /** Spot, and on-demand for whatever spot does not have ready at the moment. */
  public static spotWithFallback(options: SpotWithFallbackOptions = {}): Purchase {
    const { onDemandBase = 1, hold = Duration.minutes(15), maxSpotPricePercent = 80 } = options;
    return new Purchase({ kind: 'spotWithFallback', onDemandBase, holdSeconds: hold.toSeconds({ integral: false }), maxSpotPricePercent });
  }

  /** On-demand only. */
  public static onDemand(): Purchase {
    return new Purchase({ kind: 'onDemand' });
  }

  /** Spot only: when spot is gone the group is gone, for hours in a bad region. */
  public static spotOnly(options: SpotOnlyOptions): Purchase {
    return new Purchase({ kind: 'spotOnly', reason: options.reason });
  }

  private constructor(private readonly declared: unknown) {}

  /** @internal */
  public _render(path: string): PurchaseDeclaration {
    return parseWith(purchaseSchema, this.declared, `${path}: purchase`);
  }
}
