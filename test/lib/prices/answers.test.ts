import { priceEntrySchema } from '../../../lib/contracts/price-snapshot';
import { Answer, answer } from '../../../lib/prices/answers';
import { PriceBook } from '../../../lib/prices/book';
import { Product, parseProduct } from '../../../lib/prices/products';
import { priceQueries } from '../../../lib/prices/queries';

const QUERIES = priceQueries(PriceBook.builtIn().items('us-east-1'));
type Tier = [usd: string, begin: string, end: string];

/** A product of the item, as the API gives it: text. */
function offer(attributes: Record<string, string>, unit: string, tiers: Tier[], more: Record<string, unknown> = {}, sku = 'SKU1'): Product {
  const { productFamily, ...rest } = attributes;
  const priceDimensions = Object.fromEntries(tiers.map(([USD, beginRange, endRange], i) =>
    [`${sku}.T.${i}`, { unit, beginRange, endRange, pricePerUnit: { USD } }]));
  return parseProduct(JSON.stringify({
    product: { sku, productFamily, attributes: { regionCode: 'us-east-1', ...rest } },
    terms: { OnDemand: { [`${sku}.T`]: { priceDimensions, effectiveDate: '2026-11-01T00:00:00Z' } } },
    publicationDate: '2026-11-18T01:02:03Z',
    ...more,
  }))!;
}
const flat = (usd: string): Tier[] => [[usd, '0', 'Inf']];

function ask(item: string, products: Product[], region = 'us-east-1', today = '2026-11-23'): Answer {
  const found = answer(QUERIES.find(query => query.item === item)!, region, products, today);
  if (found.kind === 'price') expect(priceEntrySchema.safeParse(found.entry).error).toBeUndefined();
  return found;
}
const refused = (reason: RegExp): unknown => ({ kind: 'refused', reason: expect.stringMatching(reason) });
const NAT = { usagetype: 'NatGateway-Hours' };

describe('answers', () => {
  test('one product is one price with its provenance', () => {
    expect(ask('nat/hour', [offer(NAT, 'Hrs', flat('0.0450000000'))])).toEqual({
      kind: 'price',
      entry: {
        unit: 'hour', usd: '0.045', status: 'listed', source: 'AWS Price List API', date: '2026-11-18',
        sku: 'SKU1', note: 'NatGateway-Hours',
      },
    });
  });

  test('a date is never later than the run, and the effective date stands in for a missing one', () => {
    const dated = (publicationDate?: string): Product => offer(NAT, 'Hrs', flat('0.045'), { publicationDate });
    expect(ask('nat/hour', [dated('2026-11-18T01:02:03Z')], 'us-east-1', '2026-11-10')).toMatchObject({ entry: { date: '2026-11-10' } });
    expect(ask('nat/hour', [dated()])).toMatchObject({ entry: { date: '2026-11-01' } });
    expect(ask('nat/hour', [dated('soon')])).toMatchObject({ entry: { date: '2026-11-23' } });
  });

  test('the same price under two usage types is one price', () => {
    const prefixed = offer({ usagetype: 'USE1-NatGateway-Hours' }, 'Hrs', flat('0.045'), {}, 'B');
    const bare = offer(NAT, 'hours', flat('0.0450'), {}, 'A');
    expect(ask('nat/hour', [prefixed, bare])).toMatchObject({ kind: 'price', entry: { usd: '0.045', sku: 'A' } });
  });

  test('throughput per GiBps becomes ours per MBps, and GB-seconds become GB-hours with their bounds', () => {
    const throughput = offer({ usagetype: 'EBS:VolumeP-Throughput.gp3' }, 'GiBps-mo', flat('40.9600000000'));
    expect(ask('ebs/gp3-throughput', [throughput])).toMatchObject({ entry: { usd: '0.04', unit: 'MBps-month' } });
    const express = offer({ usagetype: 'USE1-StepFunctions-GB-Second' }, 'GB-Second', [
      ['0.0000166700', '0', '3600000'], ['0.0000083300', '3600000', '18000000'], ['0.0000045600', '18000000', 'Inf']]);
    expect(ask('step-functions/express-duration', [express])).toMatchObject({
      entry: { tiers: [{ upTo: '1000', usd: '0.060012' }, { upTo: '5000', usd: '0.029988' }, { upTo: null, usd: '0.016416' }] },
    });
  });

  test('tiers come in rising order however the document orders them', () => {
    const metric = offer({ usagetype: 'CW:MetricMonitorUsage' }, 'Metrics', [
      ['0.0200000000', '1000000', 'Inf'], ['0.1000000000', '10000', '250000'],
      ['0.3000000000', '0', '10000'], ['0.0500000000', '250000', '1000000']]);
    expect(ask('cloudwatch/metric', [metric])).toMatchObject({
      entry: {
        tiers: [
          { upTo: '10000', usd: '0.3' }, { upTo: '250000', usd: '0.1' }, { upTo: '1000000', usd: '0.05' }, { upTo: null, usd: '0.02' },
        ],
      },
    });
  });

  test('the account-wide allowance before a charged tier is not applied; equal tiers are one', () => {
    const storage = offer({ usagetype: 'TimedStorage-ByteHrs' }, 'GB-Mo', [['0.0000000000', '0', '25'], ['0.2500000000', '25', 'Inf']]);
    const entry = (ask('dynamodb/storage', [storage]) as { entry: unknown }).entry;
    expect(entry).toMatchObject({ usd: '0.25' });
    expect(entry).not.toHaveProperty('tiers');
    const out = offer({ usagetype: 'DataTransfer-Out-Bytes', transferType: 'AWS Outbound' }, 'GB', [
      ['0', '0', '100'], ['0.09', '100', '10240'], ['0.09', '10240', '20000'], ['0.08', '20000', 'Inf']]);
    expect(ask('data-transfer/internet-out', [out])).toMatchObject({
      entry: { tiers: [{ upTo: '20000', usd: '0.09' }, { upTo: null, usd: '0.08' }] },
    });
  });

  test('a list that ends stays a tier that ends', () => {
    const rest = offer({ usagetype: 'USE1-ApiGatewayRequest' }, 'Requests', [['0.0000035000', '0', '333000000']]);
    expect(ask('api-gateway/rest-request', [rest])).toMatchObject({ entry: { tiers: [{ upTo: '333000000', usd: '0.0000035' }] } });
  });

  test('a number with an exponent is written as a plain decimal', () => {
    const product = offer({ usagetype: 'Request' }, 'Requests', flat('2E-7'));
    expect(ask('lambda/request', [product])).toMatchObject({ entry: { usd: '0.0000002' } });
  });

  test.each<[string, Record<string, string>]>([
    ['another usage type with the same end', { usagetype: 'RegionalNatGateway-Hours' }],
    ['another region by its code', { usagetype: 'EU-NatGateway-Hours' }],
    ['another region by its attribute', { usagetype: 'NatGateway-Hours', regionCode: 'ap-south-1' }],
    ['an allowance', { usagetype: 'Global-NatGateway-Hours' }],
    ['another case', { usagetype: 'natgateway-hours' }],
  ])('gate: %s does not fit', (_, attributes) => {
    expect(ask('nat/hour', [offer(attributes, 'Hrs', flat('9'))])).toEqual({
      kind: 'none',
      reason: expect.stringMatching(/^nat\/hour: 0 of 1 products fit \(asked: AmazonEC2 regionCode=us-east-1, usagetype=NatGateway-Hours/),
    });
  });

  test('gate: a product that differs in a filter or in what is checked afterwards does not fit', () => {
    const node = { usagetype: 'NodeUsage:cache.t4g.micro', productFamily: 'Cache Instance' };
    expect(ask('elasticache/cache.t4g.micro-valkey', [offer({ ...node, cacheEngine: 'Redis' }, 'Hrs', flat('1'))]).kind).toBe('none');
    expect(ask('elasticache/cache.t4g.micro-valkey', [offer({ ...node, cacheEngine: 'Valkey' }, 'Hrs', flat('1'))]).kind).toBe('price');
    const network = { usagetype: 'LoadBalancerUsage', productFamily: 'Load Balancer-Network' };
    expect(ask('alb/hour', [offer(network, 'Hrs', flat('1'))]).kind).toBe('none');
  });

  test('gate: several prices are refused with each of them', () => {
    const two = [offer(NAT, 'Hrs', flat('0.045')), offer(NAT, 'Hrs', flat('0.046'), {}, 'SKU2')];
    expect(ask('nat/hour', two)).toEqual(refused(/nat\/hour: 2 different prices: 0\.045 \(SKU1, NatGateway-Hours\); 0\.046 \(SKU2, /));
    const ocu = (usagetype: string, usd: string): Product => offer({ usagetype }, 'OCU-hours', flat(usd), {}, usagetype);
    const ocus = (indexing: string): Answer =>
      ask('opensearch-serverless/ocu', [ocu('USE1-SearchOCU', '0.24'), ocu('USE1-IndexingOCU', indexing)]);
    expect(ocus('0.24')).toMatchObject({ entry: { usd: '0.24' } });
    expect(ocus('0.3')).toEqual(refused(/2 different prices/));
  });

  test('gate: two on-demand terms with different prices are refused too', () => {
    const priceDimensions = (USD: string) => ({ r: { unit: 'Hrs', beginRange: '0', endRange: 'Inf', pricePerUnit: { USD } } });
    const terms = { OnDemand: { a: { priceDimensions: priceDimensions('1') }, b: { priceDimensions: priceDimensions('2') } } };
    expect(ask('nat/hour', [offer(NAT, 'Hrs', [], { terms })])).toEqual(refused(/2 different prices/));
  });

  test('gate: a zero price alone is refused, beside a real one it is not a second price', () => {
    const free = offer(NAT, 'Hrs', flat('0.0000000000'), {}, 'FREE');
    const tiers: Tier[] = [['0', '0', '10'], ['0.00', '10', 'Inf']];
    expect(ask('nat/hour', [offer(NAT, 'Hrs', tiers)])).toEqual(refused(/1 product\(s\) with a price of 0 only/));
    expect(ask('nat/hour', [free])).toEqual(refused(/1 product\(s\) with a price of 0 only/));
    expect(ask('nat/hour', [free, offer(NAT, 'Hrs', flat('0.045'))])).toMatchObject({ entry: { usd: '0.045', sku: 'SKU1' } });
  });

  test('reserved terms are no price', () => {
    expect(ask('nat/hour', [offer(NAT, 'Hrs', [], { terms: { Reserved: {} } })]).kind).toBe('none');
  });

  test.each<[string, Product, RegExp]>([
    ['an unknown unit', offer(NAT, 'Fortnights', flat('1')), /SKU1 is sold per "Fortnights", which is not known to fit our unit hour/],
    ['a gap between tiers', offer(NAT, 'Hrs', [['1', '0', '10'], ['2', '20', 'Inf']]), /gap or overlap at 20/],
    ['overlapping tiers', offer(NAT, 'Hrs', [['1', '0', 'Inf'], ['2', '20', 'Inf']]), /gap or overlap at 20/],
    ['tiers that do not begin at zero', offer(NAT, 'Hrs', [['1', '5', 'Inf']]), /gap or overlap at 5/],
    ['zero after a charged tier', offer(NAT, 'Hrs', [['1', '0', '10'], ['0', '10', 'Inf']]), /price of 0 beyond its first tier/],
    ['a negative price', offer(NAT, 'Hrs', flat('-1')), /no price in US dollars \(\{"USD":"-1"\}\)/],
    ['words for a price', offer(NAT, 'Hrs', flat('free')), /no price in US dollars/],
    ['words for a bound', offer(NAT, 'Hrs', [['1', '0', 'many']]), /tier from "0" to "many"/],
  ])('gate: %s is refused', (_, product, reason) => {
    expect(ask('nat/hour', [product])).toEqual(refused(reason));
  });

  test('gate: another currency is refused', () => {
    const dimension = { unit: 'Hrs', beginRange: '0', endRange: 'Inf', pricePerUnit: { CNY: '1' } };
    const terms = { OnDemand: { a: { priceDimensions: { r: dimension } } } };
    expect(ask('nat/hour', [offer(NAT, 'Hrs', [], { terms })])).toEqual(refused(/no price in US dollars \(\{"CNY":"1"\}\)/));
  });

  test.each(['', '{"product":', '[]', '{"product":{"sku":"A"}}', '[object Object]'])('gate: %j is not a product', text => {
    expect(parseProduct(text)).toBeNull();
  });
});
