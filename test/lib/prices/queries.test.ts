import { InputError } from '../../../lib/errors';
import { PriceBook } from '../../../lib/prices/book';
import { NOT_REFRESHED, notRefreshed } from '../../../lib/prices/not-refreshed';
import { describeListing, listingsFor, priceQueries, usagetypesIn } from '../../../lib/prices/queries';
import { billingCodes } from '../../../lib/prices/regions';
import * as unit from '../../../lib/prices/units';

const ITEMS = PriceBook.builtIn().items('us-east-1');
const QUERIES = priceQueries(ITEMS);
const queryFor = (item: string) => QUERIES.find(query => query.item === item)!;

describe('queries', () => {
  test('gate: every item of the book is either asked for or left alone with a reason, never both', () => {
    const asked = QUERIES.map(query => query.item);
    expect(new Set(asked).size).toBe(asked.length);
    const both = asked.filter(item => notRefreshed(item) !== undefined);
    const neither = ITEMS.filter(item => !asked.includes(item) && notRefreshed(item) === undefined);
    expect({ both, neither }).toEqual({ both: [], neither: [] });
    // And nothing is asked for or excused that the book does not have.
    expect(asked.filter(item => !ITEMS.includes(item))).toEqual([]);
    for (const { item, reason } of NOT_REFRESHED) {
      const [start, end = ''] = item.split('*');
      expect([item, ITEMS.some(name => name.startsWith(start!) && name.endsWith(end))]).toEqual([item, true]);
      expect(reason).not.toBe('');
    }
  });

  test('the units are those of the book', () => {
    const book = PriceBook.builtIn();
    for (const query of QUERIES) {
      const price = book.lookup(query.item, 'us-east-1');
      if (price.known) expect([query.item, query.ourUnit]).toEqual([query.item, price.unit]);
    }
  });

  test('usage types are spelled as the region spells them', () => {
    expect(usagetypesIn(queryFor('nat/hour'), 'us-east-1')).toEqual(['NatGateway-Hours', 'USE1-NatGateway-Hours']);
    expect(usagetypesIn(queryFor('nat/hour'), 'eu-west-1')).toEqual(['EU-NatGateway-Hours', 'EUW1-NatGateway-Hours']);
    expect(usagetypesIn(queryFor('nat/hour'), 'eu-central-1')).toEqual(['EUC1-NatGateway-Hours']);
    expect(usagetypesIn(queryFor('kms/key'), 'eu-central-1')).toEqual(['eu-central-1-KMS-Keys']);
    expect(usagetypesIn(queryFor('cloudwatch/dashboard'), 'eu-central-1')).toEqual(['DashboardsUsageHour']);
  });

  test('a listing asks for one exact usage type in one region', () => {
    expect(listingsFor(queryFor('alb/hour'), 'eu-central-1')).toEqual([
      {
        serviceCode: 'AWSELB',
        filters: { regionCode: 'eu-central-1', productFamily: 'Load Balancer-Application', usagetype: 'EUC1-LoadBalancerUsage' },
      },
    ]);
    expect(listingsFor(queryFor('data-transfer/internet-out'), 'eu-central-1')[0]!.filters).toEqual(
      { transferType: 'AWS Outbound', usagetype: 'EUC1-DataTransfer-Out-Bytes' });
  });

  test('all instance types are in one listing, and so are all cache nodes', () => {
    const listings = (prefix: string): Set<string> => new Set(QUERIES.filter(query => query.item.startsWith(prefix))
      .flatMap(query => listingsFor(query, 'us-east-1').map(describeListing)));
    expect(listings('ec2/').size).toBe(1);
    expect(listings('elasticache/cache').size).toBe(1);
    expect(queryFor('elasticache/cache.t4g.micro-valkey')).toMatchObject({
      usagetypes: ['NodeUsage:cache.t4g.micro'], where: { cacheEngine: 'Valkey' },
    });
  });

  test('gate: a region whose billing code is not known is refused with the known ones', () => {
    expect(() => billingCodes('ap-southeast-9')).toThrow(InputError);
    expect(() => billingCodes('ap-southeast-9')).toThrow(/"ap-southeast-9".*eu-west-1/);
    expect(() => billingCodes('toString')).toThrow(InputError);
  });

  test('no two regions share a billing code', () => {
    const message = (() => { try { billingCodes(''); return ''; } catch (error) { return (error as Error).message; } })();
    const regions = message.match(/[a-z]{2}-[a-z]+-\d/g)!;
    const codes = regions.flatMap(region => billingCodes(region));
    expect(regions.length).toBeGreaterThan(25);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('units', () => {
  test.each<[unit.Unit, string, string | null]>([
    [unit.HOUR, 'Hrs', '1'], [unit.HOUR, 'hours', '1'], [unit.HOUR, 'LCU-Hrs', '1'], [unit.HOUR, 'ACU-Hr', '1'], [unit.HOUR, 'Days', null],
    [unit.GB_MONTH, 'GB-Mo', '1'], [unit.GB_MONTH, 'GB-month', '1'], [unit.GB_MONTH, 'GB', null],
    [unit.GB, 'GB', '1'], [unit.GB, 'TB', null],
    [unit.MBPS_MONTH, 'GiBps-mo', '0.0009765625'], [unit.MBPS_MONTH, 'MiBps-Mo', '1'], [unit.MBPS_MONTH, 'GB-Mo', null],
    [unit.GB_HOUR_OF_SECONDS, 'GB-Second', '3600'], [unit.GB_SECOND, 'Lambda-GB-Second', '1'], [unit.GB_SECOND, 'Hrs', null],
    [unit.COUNT, 'Requests', '1'], [unit.COUNT, 'IOPS-Mo', '1'], [unit.COUNT, '1K Requests', null], [unit.COUNT, 'Million Requests', null],
    [unit.COUNT, 'Hrs', null], [unit.COUNT, 'GB-Mo', null], [unit.EVENT, '64K-Chunks', '1'], [unit.EVENT, '1M Events', null],
  ])('%#: %s is %s', (rules, label, perOurs) => {
    expect(unit.perOurUnit(rules, label)?.toFixed() ?? null).toBe(perOurs);
  });
});
