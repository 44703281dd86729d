import { priceSnapshotSchema } from '../../../lib/contracts/price-snapshot';
import { decimal } from '../../../lib/money';
import { PriceBook, UNKNOWN_REGION, withOverrides } from '../../../lib/prices/book';
import { costOf } from '../../../lib/prices/price';
import euWest1 from '../../../lib/prices/snapshots/eu-west-1.json';
import global from '../../../lib/prices/snapshots/global.json';
import usEast1 from '../../../lib/prices/snapshots/us-east-1.json';
import usWest2 from '../../../lib/prices/snapshots/us-west-2.json';

const book = PriceBook.builtIn();
const cost = (item: string, quantity: number): string | undefined => {
  const price = book.lookup(item, 'us-east-1');
  return price.known ? costOf(price, decimal(quantity))?.expected.toFixed() : undefined;
};

describe('the shipped snapshots', () => {
  test.each([['us-east-1', usEast1], ['us-west-2', usWest2], ['eu-west-1', euWest1], ['global', global]])('%s fits the schema, and every price has a source', (region, snapshot) => {
    const { regions } = priceSnapshotSchema.parse(snapshot);
    expect(Object.keys(regions)).toEqual([region]);
    for (const entry of Object.values(regions[region]!.prices)) {
      expect(entry.source).not.toBe('');
      expect([entry.usd, ...entry.tiers?.map(t => t.usd) ?? []].filter(usd => usd !== undefined && usd !== null).every(usd => Number(usd) > 0)).toBe(true);
    }
  });

  test('us-east-1 is complete; the other two have EC2 only', () => {
    const families = (region: string): string[] => [...new Set(book.items(region).map(item => item.split('/')[0]!))];
    expect(families('us-east-1').length).toBeGreaterThan(30);
    for (const region of ['us-west-2', 'eu-west-1']) expect(families(region).filter(f => !['budgets', 'cost-explorer'].includes(f)).every(f => f.startsWith('ec2'))).toBe(true);
  });
});

describe('a lookup', () => {
  test('gives the price with its provenance', () => {
    expect(book.lookup('nat/hour', 'us-east-1')).toMatchObject({
      known: true, unit: 'hour', status: 'listed', asOf: '2026-09-29', source: 'GitHub infra_model.py: AWS Price List Bulk API us-east-1',
    });
  });
  test('never takes another region\'s price', () => {
    expect(book.lookup('nat/hour', 'eu-west-1')).toEqual({ known: false, item: 'nat/hour', unit: 'hour', reason: expect.stringContaining('refresh --region eu-west-1') });
    expect(book.lookup('nat/hour', UNKNOWN_REGION)).toMatchObject({ reason: expect.stringContaining('names no region') });
  });
  test('a price that its source copied from another region, and one too old to use, are unknown and say why', () => {
    expect(book.lookup('ec2/p5en.48xlarge', 'us-west-2')).toMatchObject({ known: false, reason: expect.stringContaining('copied the us-east-1 price') });
    expect(book.lookup('ec2/p4d.24xlarge', 'eu-west-1')).toMatchObject({ known: false, reason: expect.stringContaining('stale (predates 2025 P-family price cut') });
  });
  test('an inferred price says so, undated or not', () => {
    expect(book.lookup('waf/web-acl', 'us-east-1')).toMatchObject({ known: true, status: 'inferred', asOf: '2026-11' });
    expect(book.lookup('public-ipv4/hour', 'us-east-1')).toMatchObject({ known: true, status: 'inferred', asOf: null });
  });
  test('global items hold everywhere', () => {
    expect(book.lookup('budgets/action', 'ap-south-1').known).toBe(true);
  });
  test('a refreshed snapshot is laid over item by item', () => {
    const refreshed = PriceBook.builtIn({ version: 1, regions: { 'us-east-1': { asOf: '2026-11-20', prices: {
      'nat/hour': { unit: 'hour', usd: '0.05', status: 'listed', source: 'AWS Price List API', date: '2026-11-20', sku: 'ABC' },
    } } } });
    expect(refreshed.lookup('nat/hour', 'us-east-1')).toMatchObject({ asOf: '2026-11-20', sku: 'ABC' });
    expect(refreshed.lookup('nat/data', 'us-east-1')).toMatchObject({ asOf: '2026-09-29' });
  });
});

describe('volume tiers', () => {
  test.each([[['100', '50', null]], [[null, '50']], [['100', '100']]])('a snapshot whose tiers do not rise is refused: %j', upTos => {
    const entry = { unit: 'x', tiers: upTos.map(upTo => ({ upTo, usd: '1' })), status: 'listed', source: 's', date: null };
    expect(priceSnapshotSchema.safeParse({ version: 1, regions: { r: { asOf: '2026-01-01', prices: { a: entry } } } }).success).toBe(false);
  });

  test('10,000 metrics at .30, the next at .10, beyond 250,000 unknown', () => {
    expect(cost('cloudwatch/metric', 10_000)).toBe('3000');
    expect(cost('cloudwatch/metric', 12_000)).toBe('3200');
    expect(cost('cloudwatch/metric', 250_000)).toBe('27000');
    expect(cost('cloudwatch/metric', 250_001)).toBeUndefined();
  });
});

describe('overrides', () => {
  const base = { reason: 'quoted by sales', date: '2026-10-01' };
  const lookup = withOverrides(item => book.lookup(item, 'us-east-1'), [
    { kind: 'discount', item: 'ec2/*', percentOff: 30, ...base },
    { kind: 'commitment', item: 'ec2/g6e.xlarge', usd: 1.1, unit: 'hour', ...base },
    { kind: 'commitment', item: 'scheduler/invocation', usd: 0.000001, unit: 'invocation', ...base },
    { kind: 'discount', item: 'appconfig/request', percentOff: 30, ...base },
  ]);
  const usd = (item: string): string | undefined => {
    const price = lookup(item);
    return price.known ? price.tiers[0].usd.expected.toFixed() : undefined;
  };
  test('a discount is off the list; the last declaration for an item wins', () => {
    expect(usd('ec2/g6.xlarge')).toBe('0.56336');
    expect(usd('ec2/g6e.xlarge')).toBe('1.1');
    expect(usd('nat/hour')).toBe('0.045');
  });
  test('a commitment prices what the book does not know; a discount cannot', () => {
    expect(usd('scheduler/invocation')).toBe('0.000001');
    expect(lookup('appconfig/request').known).toBe(false);
  });
  test('the one that names the item goes before a prefix, a longer prefix before a shorter', () => {
    const usdOf = withOverrides(item => book.lookup(item, 'us-east-1'), [
      { kind: 'commitment', item: 'ec2/g6.xlarge', usd: 0.5, unit: 'hour', ...base },
      { kind: 'discount', item: 'ec2/g6.*', percentOff: 50, ...base },
      { kind: 'discount', item: 'ec2/*', percentOff: 10, ...base },
    ]);
    expect(usdOf('ec2/g6.xlarge')).toMatchObject({ tiers: [{ usd: { expected: decimal('0.5') } }] });
    expect(usdOf('ec2/g6.2xlarge')).toMatchObject({ note: expect.stringContaining('50% off') });
    expect(usdOf('ec2/g5.xlarge')).toMatchObject({ note: expect.stringContaining('10% off') });
  });
  test('a commitment in another unit is refused', () => {
    const wrong = withOverrides(item => book.lookup(item, 'us-east-1'), [{ kind: 'commitment', item: 'nat/hour', usd: 32.85, unit: 'month', ...base }]);
    const elsewhere = withOverrides(item => book.lookup(item, 'eu-central-1'), [{ kind: 'commitment', item: 'ec2/g6e.xlarge', usd: 1500, unit: 'month', ...base }]);
    expect(() => elsewhere('ec2/g6e.xlarge')).toThrow(/counted per "hour"/);
    expect(() => wrong('nat/hour')).toThrow(/nat\/hour is in USD per "month", and the item is counted per "hour"/);
  });
  test('they name their reason and date', () => {
    expect(lookup('ec2/g6.xlarge')).toMatchObject({ status: 'override', source: 'declared: quoted by sales', asOf: '2026-10-01' });
  });
});
