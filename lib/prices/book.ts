/** The price book: dated snapshots, looked up by item and region; what is not in a region's snapshot is unknown there. */
import { PriceOverride } from '../contracts/declaration';
import { PriceEntry, PriceSnapshot } from '../contracts/price-snapshot';
import { InputError } from '../errors';
import { Decimal, decimal, exactly, times } from '../money';
import { notRefreshed } from './not-refreshed';
import { overrideFor } from './overrides';
import { KnownPrice, Price, Tier, UnknownPrice, flat } from './price';
import euWest1 from './snapshots/eu-west-1.json';
import global from './snapshots/global.json';
import usEast1 from './snapshots/us-east-1.json';
import usWest2 from './snapshots/us-west-2.json';

const BUILT_IN: readonly unknown[] = [usEast1, usWest2, euWest1, global];
const GLOBAL = 'global';

/** The region of an environment-agnostic stack for which nobody named one: it has no prices. */
export const UNKNOWN_REGION = 'unknown-region';

export class PriceBook {
  /** The snapshots shipped with the package, with later ones (a refresh) laid over them item by item. */
  public static builtIn(...refreshed: PriceSnapshot[]): PriceBook {
    // The built-in ones are checked by a test, not at every synth.
    return new PriceBook([...BUILT_IN as PriceSnapshot[], ...refreshed]);
  }

  private readonly regions = new Map<string, Map<string, PriceEntry>>();
  private readonly cache = new Map<string, Price>();

  public constructor(snapshots: readonly PriceSnapshot[]) {
    for (const snapshot of snapshots) {
      for (const [region, { prices }] of Object.entries(snapshot.regions)) {
        this.regions.set(region, new Map([...this.regions.get(region) ?? [], ...Object.entries(prices)]));
      }
    }
  }

  public get regionNames(): string[] {
    return [...this.regions.keys()].filter(region => region !== GLOBAL).sort();
  }

  public items(region: string): string[] {
    return [...this.regions.get(region)?.keys() ?? [], ...this.regions.get(GLOBAL)?.keys() ?? []].sort();
  }

  public lookup(item: string, region: string): Price {
    const key = `${region} ${item}`;
    const cached = this.cache.get(key);
    if (cached) return cached;
    const entry = this.regions.get(region)?.get(item) ?? this.regions.get(GLOBAL)?.get(item);
    const price = entry ? fromEntry(item, entry) : { ...unknownIn(item, region, this.refreshable(item)), unit: this.unitOf(item) };
    this.cache.set(key, price);
    return price;
  }

  private unitOf(item: string): string | undefined {
    for (const prices of this.regions.values()) if (prices.has(item)) return prices.get(item)!.unit;
    return undefined;
  }

  /** A refresh asks for the items that some region has, where the Price List API tells them apart. */
  private refreshable(item: string): boolean {
    return notRefreshed(item) === undefined && [...this.regions.values()].some(prices => prices.has(item));
  }
}

function unknownIn(item: string, region: string, refreshable: boolean): UnknownPrice {
  if (region === UNKNOWN_REGION) {
    return { known: false, item, reason: `no price for ${item}: the stack names no region; set its region or a pricingRegion` };
  }
  const remedy = !refreshable ? 'declare a price override' : `refresh with "ai-margin prices refresh --region ${region}" or declare a price override`;
  return { known: false, item, reason: `no price for ${item} in ${region}: ${remedy}` };
}

function fromEntry(item: string, entry: PriceEntry): Price {
  const tiers = entry.tiers?.map(tier => ({ upTo: tier.upTo === null ? null : decimal(tier.upTo), usd: exactly(tier.usd) }));
  if (entry.usd === null || entry.status === 'missing') {
    return { known: false, item, unit: entry.unit, reason: `the price of ${item} is ${entry.status} (${entry.note ?? entry.source})` };
  }
  return {
    known: true,
    item,
    unit: entry.unit,
    tiers: (tiers ?? spread(entry)) as [Tier, ...Tier[]],
    source: entry.source,
    asOf: entry.date,
    sku: entry.sku ?? null,
    status: entry.status,
    note: entry.note,
  };
}

function spread(entry: PriceEntry): [Tier] {
  const expected = decimal(entry.usd!);
  const low = entry.low === undefined ? expected : Decimal.min(entry.low, expected);
  const high = entry.high === undefined ? expected : Decimal.max(entry.high, expected);
  return [{ upTo: null, usd: { low, expected, high } }];
}

/** A lookup with the declared discounts and commitments applied. */
export function withOverrides(lookup: (item: string) => Price, overrides: readonly PriceOverride[]): (item: string) => Price {
  if (overrides.length === 0) return lookup;
  return item => {
    const override = overrideFor([item], overrides);
    if (!override) return lookup(item);
    const list = lookup(item);
    const provenance = { source: `declared: ${override.reason}`, asOf: override.date, sku: null, status: 'override' as const };
    if (override.kind === 'discount') {
      return list.known ? { ...discounted(list, override.percentOff), ...provenance, note: `${override.percentOff}% off ${list.source}` } : list;
    }
    if (list.unit !== undefined && list.unit !== override.unit) {
      throw new InputError(`The price override for ${item} is in USD per "${override.unit}", and the item is counted per "${list.unit}"; give USD per "${list.unit}".`);
    }
    return { known: true, item, unit: override.unit, tiers: flat(decimal(override.usd).toFixed()), ...provenance };
  };
}

function discounted(price: KnownPrice, percentOff: number): KnownPrice {
  const factor = decimal(100).minus(percentOff).div(100);
  return { ...price, tiers: price.tiers.map(tier => ({ ...tier, usd: times(tier.usd, factor) })) as unknown as [Tier, ...Tier[]] };
}
