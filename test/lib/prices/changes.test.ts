import { PriceEntry } from '../../../lib/contracts/price-snapshot';
import { PriceBook } from '../../../lib/prices/book';
import { describeChange, priceChanges } from '../../../lib/prices/changes';

const entry = (more: Partial<PriceEntry>): PriceEntry =>
  ({ unit: 'hour', usd: '1', status: 'listed', source: 'a test', date: null, ...more });
const book = (prices: Record<string, PriceEntry>): PriceBook =>
  new PriceBook([{ version: 1, regions: { 'us-east-1': { asOf: '2026', prices } } }]);
const tiers = (first: string, second: string): Partial<PriceEntry> =>
  ({ usd: undefined, tiers: [{ upTo: '10', usd: first }, { upTo: null, usd: second }] });

test.each<[string, PriceEntry | undefined, PriceEntry, string | null]>([
  ['the same price from another source', entry({ source: 'x' }), entry({}), null],
  ['the same price in other digits', entry({ usd: '1.0' }), entry({}), null],
  ['dearer', entry({}), entry({ usd: '1.05' }), '~ a: 1 per hour -> 1.05 per hour (+5%)'],
  ['cheaper', entry({ usd: '3' }), entry({ usd: '2' }), '~ a: 3 per hour -> 2 per hour (-33.33%)'],
  ['a later tier only', entry(tiers('3', '2')), entry(tiers('3', '1')),
    '~ a: 3 up to 10, then 2 per hour -> 3 up to 10, then 1 per hour (first tier unchanged)'],
  ['another unit', entry({}), entry({ unit: 'month' }), '~ a: 1 per hour -> 1 per month (not comparable)'],
  ['free before', entry({ usd: '0' }), entry({}), '~ a: 0 per hour -> 1 per hour (not comparable)'],
  ['not there before', undefined, entry({}), '+ a: 1 per hour'],
  ['known to be unknown before', entry({ usd: null, status: 'missing', note: 'none' }), entry({}), '+ a: 1 per hour'],
])('%s', (_, before, after, line) => {
  const [change] = priceChanges(book(before ? { a: before } : {}), book({ a: after }), 'us-east-1', ['a']);
  expect(describeChange(change!)).toBe(line);
});
