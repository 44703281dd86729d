/** The price of an item that others may stand in for: a group that may launch any of several instance types. */
import { Decimal } from '../money';
import { KnownPrice, Price } from '../prices/price';

/**
 * The price of an alternative. Spot without a price is taken at that of the same type on demand: without a maximum price
 * of its own a spot request never pays more, so it can only widen the range upwards.
 */
export function standIn(item: string, lookup: (item: string) => Price): Price {
  const price = lookup(item);
  if (price.known || !item.startsWith('ec2-spot/')) return price;
  const onDemand = lookup(item.replace('ec2-spot/', 'ec2/'));
  return onDemand.known ? { ...onDemand, item: `${item} at most as on demand` } : price;
}

/** The first item's price is expected; the known prices of the others widen it, and the note names them all. */
export function widened(first: Price, others: readonly Price[]): Price {
  if (!first.known || others.length === 0) return first;
  const known = others.filter(other => other.known);
  const unknown = others.filter(other => !other.known);
  const usd = [first, ...known].map(price => price.tiers[0].usd);
  const note = [
    `expected as ${first.item}`,
    ...known.length > 0 ? [`the range includes ${names(known)}`] : [],
    ...unknown.length > 0 ? [`without ${names(unknown)}, whose price is unknown`] : [],
    ...first.note === undefined ? [] : [first.note],
  ].join('; ');
  return { ...first, tiers: [{ upTo: first.tiers[0].upTo, usd: rangeOver(usd, first) }, ...first.tiers.slice(1)], note };
}

const names = (prices: readonly Price[]): string => prices.map(price => price.item).join(', ');

const rangeOver = (usd: readonly { low: Decimal; high: Decimal }[], first: KnownPrice): KnownPrice['tiers'][0]['usd'] => ({
  low: Decimal.min(...usd.map(range => range.low)),
  expected: first.tiers[0].usd.expected,
  high: Decimal.max(...usd.map(range => range.high)),
});
