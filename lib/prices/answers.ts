/** From the products that a query found to one price with its provenance, or to the reason why there is none. */
import { PriceEntry } from '../contracts/price-snapshot';
import { Decimal, decimal, plain } from '../money';
import { PriceQuery, describeListing, listingsFor, usagetypesIn } from './queries';
import { OnDemandTerm, PriceDimension, Product, attribute } from './products';
import { perOurUnit } from './units';

export const PRICE_LIST_SOURCE = 'AWS Price List API';

export type Answer =
  | { readonly kind: 'price'; readonly entry: PriceEntry }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

interface Offer {
  readonly product: Product;
  readonly term: OnDemandTerm;
  readonly tiers: readonly { upTo: string | null; usd: string }[];
}

/** Exactly one price, or none; `today` bounds the date, for a list may be published ahead of the day it names. */
export function answer(query: PriceQuery, region: string, products: readonly Product[], today: string): Answer {
  const asked = `asked: ${listingsFor(query, region).map(describeListing).join('; ')}`;
  const refused = (found: string): Answer => ({ kind: 'refused', reason: `${query.item}: ${found} (${asked})` });

  const fitting = products.filter(product => fits(product, query, region));
  const offers: Offer[] = [];
  let free = 0;
  for (const product of fitting) {
    // A product may have only reserved terms: that is no on-demand price.
    for (const term of Object.values(product.terms?.OnDemand ?? {})) {
      const tiers = readTiers(Object.values(term.priceDimensions), query);
      if (typeof tiers === 'string') return refused(`product ${product.product.sku} ${tiers}`);
      if (tiers.length === 0) free += 1;
      else offers.push({ product, term, tiers });
    }
  }
  const distinct = new Map(offers.map(offer => [JSON.stringify(offer.tiers), offer]));
  if (distinct.size > 1) {
    return refused(`${distinct.size} different prices: ${[...distinct.values()].slice(0, 4).map(describeOffer).join('; ')}`);
  }
  const [first] = offers.sort((a, b) => (a.product.product.sku < b.product.product.sku ? -1 : 1));
  if (!first) {
    // A zero price alone is an allowance's row, not what is charged beyond it.
    if (free > 0) return refused(`${free} product(s) with a price of 0 only, which is a free tier and not a price`);
    return { kind: 'none', reason: `${query.item}: 0 of ${products.length} products fit (${asked})` };
  }
  return { kind: 'price', entry: toEntry(query, first, today) };
}

function fits(product: Product, query: PriceQuery, region: string): boolean {
  const usagetype = attribute(product, 'usagetype');
  if (usagetype === undefined || !usagetypesIn(query, region).includes(usagetype)) return false;
  const code = attribute(product, 'regionCode');
  if (query.regional ? code !== region : query.spelling !== 'as-is' && code && code !== region) return false;
  return Object.entries({ ...query.filters, ...query.where }).every(([name, value]) => attribute(product, name) === value);
}

/** The tiers in our unit and in rising order; none for a free product; a text that says what is wrong with them. */
function readTiers(dimensions: readonly PriceDimension[], query: PriceQuery): { upTo: string | null; usd: string }[] | string {
  const tiers: { upTo: Decimal | null; usd: Decimal }[] = [];
  const parts = dimensions.map(dimension => readDimension(dimension, query));
  const wrong = parts.find(part => typeof part === 'string');
  if (wrong !== undefined) return wrong;
  const sorted = parts.filter(part => typeof part !== 'string').sort((a, b) => a.from.cmp(b.from));
  let reached: Decimal | null = decimal(0);
  for (const { from, upTo, usd } of sorted) {
    if (reached === null || !from.eq(reached)) return `has tiers that leave a gap or overlap at ${from.toFixed()}`;
    reached = upTo;
    tiers.push({ upTo, usd });
  }
  // The account's free allowance comes first at 0. It is shared by everything in the account, so a forecast never spends
  // it: the first charged price holds from the first unit on. The later bounds stay where AWS put them.
  if (tiers.every(tier => tier.usd.isZero())) return [];
  const charged = tiers[0]?.usd.isZero() ? tiers.slice(1) : tiers;
  if (charged.some(tier => tier.usd.isZero())) return 'has a price of 0 beyond its first tier';
  const merged = charged.filter((tier, i) => !charged[i + 1]?.usd.eq(tier.usd));
  return merged.map(({ upTo, usd }) => ({ upTo: upTo && plain(upTo), usd: plain(usd) }));
}

function readDimension(dimension: PriceDimension, query: PriceQuery): { from: Decimal; upTo: Decimal | null; usd: Decimal } | string {
  const factor = perOurUnit(query.unit, dimension.unit);
  if (!factor) return `is sold per "${dimension.unit}", which is not known to fit our unit ${query.ourUnit}`;
  const [usd, from] = [dimension.pricePerUnit.USD, dimension.beginRange].map(number);
  if (!usd) return `has no price in US dollars (${JSON.stringify(dimension.pricePerUnit)})`;
  const upTo = dimension.endRange === 'Inf' ? null : number(dimension.endRange);
  if (!from || upTo === undefined) return `has a tier from "${dimension.beginRange}" to "${dimension.endRange}"`;
  return { from: from.div(factor), upTo: upTo && upTo.div(factor), usd: usd.times(factor) };
}

function number(text: string | undefined): Decimal | undefined {
  return text !== undefined && /^\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? decimal(text) : undefined;
}

function toEntry(query: PriceQuery, { product, term, tiers }: Offer, today: string): PriceEntry {
  const whole = tiers.length === 1 && tiers[0]!.upTo === null;
  const published = (product.publicationDate ?? term.effectiveDate ?? '').slice(0, 10);
  return {
    unit: query.ourUnit,
    ...whole ? { usd: tiers[0]!.usd } : { tiers: [...tiers] },
    status: 'listed',
    source: PRICE_LIST_SOURCE,
    date: /^\d{4}-\d{2}-\d{2}$/.test(published) && published < today ? published : today,
    sku: product.product.sku,
    note: attribute(product, 'usagetype'),
  };
}

function describeOffer({ product, tiers }: Offer): string {
  const prices = tiers.map(({ usd, upTo }) => (upTo === null ? usd : `${usd} up to ${upTo}`)).join(', ');
  return `${prices} (${product.product.sku}, ${attribute(product, 'usagetype')})`;
}
