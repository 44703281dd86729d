/** Families and the price book speak of the same items, and no type is both charged for and free. */
import { FAMILY_OF, FREE_TYPES } from '../../../lib/estimate/catalog';
import { FAMILIES } from '../../../lib/estimate/families';
import { BOOK } from './estimating';
import { WRITTEN_ITEMS } from './vocabulary';

const IN_BOOK = new Set(BOOK.items('us-east-1'));

/** Items that families put together from a property, all of a kind that the book names in full. */
const PUT_TOGETHER = [
  'alb/hour',
  'alb/lcu',
  'nlb/hour',
  'nlb/lcu',
  'elasticache-serverless/valkey-storage',
  'elasticache-serverless/valkey-ecpu',
  'elasticache-serverless/redis-storage',
  'elasticache-serverless/redis-ecpu',
];
/** And those whose kinds have no end: instance, node and database classes. */
const OPEN_ENDED = /^(ec2|ec2-spot|elasticache|rds)\/[a-z0-9-]+\.[a-z0-9-]+/;

/** Used by families though the book has no price: a declared override gives one, and until then they are unknown. */
const WITHOUT_PRICE = [
  'appconfig/configuration-received',
  'appconfig/request',
  'aurora/io-request',
  'aurora/storage',
  'cloudfront/request',
  'scheduler/invocation',
  'xray/trace',
];

/** In the book though no resource of a template is charged for them. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'cloudwatch/get-metric-data': 'a request somebody makes to read metrics',
  'cost-explorer/request': 'a request somebody makes to read costs',
  'fargate/spot-discount': 'a fraction that explains a range, not something charged for',
};

test('every item a family uses is in the book, but for a closed list', () => {
  expect(WRITTEN_ITEMS.length).toBeGreaterThan(50);
  expect([...WRITTEN_ITEMS, ...PUT_TOGETHER].filter(item => !IN_BOOK.has(item)).sort()).toEqual(WITHOUT_PRICE);
});

test('every item of the book is used by a family, but for a closed list', () => {
  const used = new Set([...WRITTEN_ITEMS, ...PUT_TOGETHER]);
  expect([...IN_BOOK].filter(item => !used.has(item) && !OPEN_ENDED.test(item)).sort()).toEqual(Object.keys(WITHOUT_RESOURCE));
});

test('no two families charge for the same type, and none for a free one', () => {
  const types = FAMILIES.flatMap(family => Object.keys(family.charges));
  expect(types).toHaveLength(FAMILY_OF.size);
  expect(types.filter(type => FREE_TYPES.has(type))).toEqual([]);
  expect(new Set(FAMILIES.map(family => family.name)).size).toBe(FAMILIES.length);
});
