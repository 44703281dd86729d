/** Usage: nothing is assumed where nobody declared any, tiers end where the book ends, growth moves usage alone. */
import { estimate, linesOf, quantities } from './estimating';

const BUCKET = { Documents: { Type: 'AWS::S3::Bucket', Metadata: { 'aws:cdk:path': 'Product/Store/Documents/Resource' } } };
const stored = (gigabytes: number, rest: object = {}) => ({
  declaration: { usage: [{ resource: 'Documents', quantities: { 's3/storage': gigabytes }, ...rest }] },
});

describe('undeclared usage', () => {
  test('has a price but no quantity and no cost, and is in no total', () => {
    const cost = estimate({ ...BUCKET, Key: { Type: 'AWS::KMS::Key' } });
    expect(linesOf(cost, 'Documents')).toHaveLength(3);
    for (const line of linesOf(cost, 'Documents')) {
      expect(line).toMatchObject({ quantity: null, monthlyUsd: null, usageBased: true, status: 'listed' });
      expect(line.unitPriceUsd).not.toBeNull();
    }
    expect(cost.monthlyUsd.expected.toFixed()).toBe('1'); // The key.
    expect(cost.unpriced).toEqual([]);
  });

  test('that is declared as nothing costs nothing', () => {
    expect(linesOf(estimate(BUCKET, stored(0)))[0]!.monthlyUsd!.expected.toFixed()).toBe('0');
  });

  test('without a price in the book is unknown, and priced by a declared override', () => {
    const resources = { Nightly: { Type: 'AWS::Scheduler::Schedule' } };
    const usage = [{ resource: 'Nightly', quantities: { 'scheduler/invocation': 2e6 } }];
    expect(linesOf(estimate(resources, { declaration: { usage } }))[0]).toMatchObject({ status: 'unknown', monthlyUsd: null });
    const priceOverrides = [
      {
        kind: 'commitment' as const,
        item: 'scheduler/invocation',
        usd: 0.000001,
        unit: 'invocation',
        reason: 'read on the invoice',
        date: '2026-10-01',
      },
    ];
    const [line] = linesOf(estimate(resources, { declaration: { usage, priceOverrides } }));
    expect([line!.status, line!.monthlyUsd!.expected.toFixed()]).toEqual(['override', '2']);
  });
});

describe('declared usage', () => {
  test.each(['Documents', 'Product/Store/Documents/Resource', 'Product/Store/Documents', 'Product'])('is found by %s', resource => {
    const cost = estimate(BUCKET, { declaration: { usage: [{ resource, quantities: { 's3/storage': 100 } }] } });
    expect(cost.monthlyUsd.expected.toFixed()).toBe('2.3');
  });

  test('elsewhere is not taken', () => {
    const cost = estimate(BUCKET, { declaration: { usage: [{ resource: 'Product/Sto', quantities: { 's3/storage': 100 } }] } });
    expect(quantities(cost)[0]).toBe('s3/storage -');
  });
});

describe('tiers', () => {
  test('price up to their end, and are unknown beyond: 50 TB of S3', () => {
    const full = estimate(BUCKET, stored(51200));
    expect(full.monthlyUsd.expected.toFixed()).toBe('1177.6'); // 51200 x 0.023
    const beyond = estimate(BUCKET, stored(51201));
    expect(linesOf(beyond)[0]!.monthlyUsd).toBeNull();
    expect(beyond.monthlyUsd.expected.toFixed()).toBe('0');
    expect(beyond.unpriced).toMatchObject([
      { logicalId: 'Documents', cause: 'price', reason: 'the price of s3/storage is unknown beyond 51200 GB-month' },
    ]);
  });

  test('are walked through: 20,000 custom metrics', () => {
    const resources = {
      Filter: { Type: 'AWS::Logs::MetricFilter', Properties: { MetricTransformations: [{ Dimensions: [{ Key: 'Tenant' }] }] } },
    };
    const cost = estimate(resources, { declaration: { usage: [{ resource: 'Filter', quantities: { 'cloudwatch/metric': 20_000 } }] } });
    expect(cost.monthlyUsd.expected.toFixed()).toBe('4000'); // 10,000 x 0.30 + 10,000 x 0.10
  });
});

describe('growth', () => {
  const resources = { ...BUCKET, Key: { Type: 'AWS::KMS::Key' } };

  test('multiplies usage and leaves what is fixed', () => {
    const at = (multiple: number) => estimate(resources, { ...stored(1000), multiple }).monthlyUsd.expected.toFixed();
    expect([at(1), at(10)]).toEqual(['24', '231']); // 23 + 1, 230 + 1
  });

  test('leaves usage that does not grow', () => {
    expect(estimate(resources, { ...stored(1000, { grows: false }), multiple: 10 }).monthlyUsd.expected.toFixed()).toBe('24');
  });

  test('goes through the tiers and out of them', () => {
    expect(estimate(BUCKET, { ...stored(5120), multiple: 10 }).monthlyUsd.expected.toFixed()).toBe('1177.6');
    expect(linesOf(estimate(BUCKET, { ...stored(5121), multiple: 10 }))[0]!.monthlyUsd).toBeNull();
  });

  test('counts from the metered minimum only once usage is above it', () => {
    const cache = { Cache: { Type: 'AWS::ElastiCache::ServerlessCache', Properties: { Engine: 'valkey' } } };
    const declaration = { usage: [{ resource: 'Cache', quantities: { 'elasticache-serverless/valkey-storage': 10 } }] };
    expect([1, 7, 8].map(multiple => quantities(estimate(cache, { declaration, multiple }))[0])).toEqual(
      [73, 73, 80].map(quantity => `elasticache-serverless/valkey-storage ${quantity}`),
    );
  });
});
