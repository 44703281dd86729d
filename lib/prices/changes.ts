/** What a refresh changed: every item whose price differs between two books, and by how much. */
import { Decimal } from '../money';
import { PriceBook } from './book';
import { KnownPrice, Price, Tier } from './price';

export interface PriceChange {
  readonly item: string;
  readonly kind: 'new' | 'changed' | 'same';
  readonly before: string | null;
  readonly after: string;
  /** Of the first tier; null where there was no price before, or another unit. */
  readonly percent: Decimal | null;
}

export function priceChanges(before: PriceBook, after: PriceBook, region: string, items: readonly string[]): PriceChange[] {
  return items.map(item => change(item, before.lookup(item, region), after.lookup(item, region)));
}

function change(item: string, old: Price, now: Price): PriceChange {
  const after = describePrice(now);
  if (!old.known || !now.known) return { item, kind: 'new', before: null, after, percent: null };
  const before = describePrice(old);
  const kind = before === after ? 'same' : 'changed';
  return { item, kind, before, after, percent: percent(old, now) };
}

function percent(old: KnownPrice, now: KnownPrice): Decimal | null {
  const [from, to] = [old.tiers[0].usd.expected, now.tiers[0].usd.expected];
  return old.unit !== now.unit || from.isZero() ? null : to.minus(from).div(from).times(100);
}

/** "0.09 up to 10240, then 0.085 per GB"; prices and bounds exactly as they are. */
export function describePrice(price: Price): string {
  return price.known ? `${price.tiers.map(describeTier).join(', then ')} per ${price.unit}` : 'unknown';
}

const describeTier = ({ usd, upTo }: Tier): string =>
  `${usd.expected.toFixed()}${upTo === null ? '' : ` up to ${upTo.toFixed()}`}`;

/** One line a person reads; nothing for an unchanged price. */
export function describeChange({ item, kind, before, after, percent: by }: PriceChange): string | null {
  if (kind === 'same') return null;
  if (kind === 'new') return `+ ${item}: ${after}`;
  return `~ ${item}: ${before} -> ${after} (${size(by)})`;
}

function size(percent: Decimal | null): string {
  if (percent === null) return 'not comparable';
  // Only later tiers may have changed.
  if (percent.isZero()) return 'first tier unchanged';
  return `${percent.isPositive() ? '+' : ''}${percent.toDecimalPlaces(2).toFixed()}%`;
}
