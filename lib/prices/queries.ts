/**
 * Which product of the AWS Price List answers for which item: exact usage types, so that a free-tier row, a Spot row or
 * an Outposts row beside it is never taken for the price. What is not certain is in not-refreshed.ts instead.
 */
import { FIXED_QUERIES } from './query-table';
import { Spelling, spellings } from './regions';
import { HOUR, Unit } from './units';

export interface PriceQuery {
  readonly item: string;
  readonly serviceCode: string;
  /** Exact, without the region's billing code. Several: they must all have one price (OpenSearch search and indexing). */
  readonly usagetypes: readonly string[];
  readonly spelling: Spelling;
  /** Attributes (or the productFamily) the product must have; sent to the API and checked again in the answer. */
  readonly filters: Readonly<Record<string, string>>;
  /** Checked in the answer only, so that items which differ only here share one listing. */
  readonly where: Readonly<Record<string, string>>;
  /** One listing over all usage types of the filters instead of one per usage type: fewer calls for instances and nodes. */
  readonly listed: 'by usage type' | 'all';
  /** Data transfer and global products carry no region attribute; their usage type tells the region. */
  readonly regional: boolean;
  readonly unit: Unit;
  readonly ourUnit: string;
  /** Sold in every region, so that finding nothing is an error even where the book has no price yet. */
  readonly everywhere: boolean;
}

/** One GetProducts listing; several items may read theirs from the same one. */
export interface Listing {
  readonly serviceCode: string;
  readonly filters: Readonly<Record<string, string>>;
}

const EC2_FILTERS = {
  preInstalledSw: 'NA',
  operatingSystem: 'Linux',
  capacitystatus: 'Used',
  marketoption: 'OnDemand',
  tenancy: 'Shared',
  productFamily: 'Compute Instance',
};

/** The queries for a book's items: the fixed table, and one per instance type and cache node type that the book names. */
export function priceQueries(items: readonly string[]): PriceQuery[] {
  const derived = items.map(item => instanceQuery(item) ?? nodeQuery(item)).filter(query => query !== undefined);
  return [...FIXED_QUERIES, ...derived].sort((a, b) => (a.item < b.item ? -1 : 1));
}

const IN_ONE_LISTING = { spelling: 'billing-code', listed: 'all', regional: true, unit: HOUR, ourUnit: 'hour', everywhere: false } as const;

function instanceQuery(item: string): PriceQuery | undefined {
  // Bare metal is another product family with another tenancy: see not-refreshed.ts.
  const type = /^ec2\/(.+)$/.exec(item)?.[1];
  if (type === undefined || type.endsWith('.metal')) return undefined;
  return {
    ...IN_ONE_LISTING,
    item,
    serviceCode: 'AmazonEC2',
    usagetypes: [`BoxUsage:${type}`],
    filters: EC2_FILTERS,
    where: { instanceType: type },
  };
}

function nodeQuery(item: string): PriceQuery | undefined {
  const [, type, engine] = /^elasticache\/(cache\..+)-(redis|valkey)$/.exec(item) ?? [];
  if (type === undefined) return undefined;
  return {
    ...IN_ONE_LISTING,
    item,
    serviceCode: 'AmazonElastiCache',
    usagetypes: [`NodeUsage:${type}`],
    filters: { productFamily: 'Cache Instance' },
    where: { cacheEngine: engine === 'redis' ? 'Redis' : 'Valkey' },
  };
}

/** Exactly the usage types that a product for this query may carry in the region. */
export const usagetypesIn = (query: PriceQuery, region: string): string[] =>
  query.usagetypes.flatMap(usagetype => spellings(usagetype, query.spelling, region));

export function listingsFor(query: PriceQuery, region: string): Listing[] {
  const filters = { ...query.regional ? { regionCode: region } : {}, ...query.filters };
  if (query.listed === 'all') return [{ serviceCode: query.serviceCode, filters }];
  return usagetypesIn(query, region).map(usagetype => ({ serviceCode: query.serviceCode, filters: { ...filters, usagetype } }));
}

/** Names a listing in an error and tells two listings apart. */
export const describeListing = ({ serviceCode, filters }: Listing): string =>
  `${serviceCode} ${Object.entries(filters).map(([field, value]) => `${field}=${value}`).join(', ')}`;
