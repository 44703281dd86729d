/** Caches, search, tables and databases: floors, nodes, bounds, and options that have no price. */
import { TemplateResource } from '../../../lib/estimate/template';
import { estimate, linesOf, quantities, quantitiesOf, reasonsOf } from './estimating';

const CLOSED_MINIMUM = { declaration: { usage: [{ resource: 'It', quantities: { 'elasticache-serverless/valkey-storage': 1 } }] } };

describe('ElastiCache', () => {
  const SERVERLESS = 'AWS::ElastiCache::ServerlessCache';
  const GROUP = 'AWS::ElastiCache::ReplicationGroup';

  test('meters at least 100 MB of Valkey and 1 GB of Redis, and the minimum that is set', () => {
    const stored = (properties: Record<string, unknown>) =>
      quantities(estimate({ It: { Type: SERVERLESS, Properties: properties } }, CLOSED_MINIMUM))[0];
    expect(stored({ Engine: 'valkey' })).toBe('elasticache-serverless/valkey-storage 73');
    expect(stored({ Engine: 'valkey', CacheUsageLimits: { DataStorage: { Minimum: 2, Unit: 'GB' } } })).toBe(
      'elasticache-serverless/valkey-storage 1460',
    );
    const redis = { declaration: { usage: [{ resource: 'It', quantities: { 'elasticache-serverless/redis-storage': 800 } }] } };
    expect(quantities(estimate({ It: { Type: SERVERLESS, Properties: { Engine: 'redis' } } }, redis))[0]).toBe(
      'elasticache-serverless/redis-storage 800',
    );
  });

  test.each([
    [{ NumCacheClusters: 3 }, 3],
    [{ NumNodeGroups: 2, ReplicasPerNodeGroup: 1 }, 4],
    [{ NodeGroupConfiguration: [{ ReplicaCount: 2 }, {}], ReplicasPerNodeGroup: 1 }, 5],
    [{}, 1],
  ])('counts the nodes of %j', (shape, nodes) => {
    expect(quantitiesOf(GROUP, { Engine: 'redis', CacheNodeType: 'cache.t4g.micro', ...shape })).toEqual([
      `elasticache/cache.t4g.micro-redis ${nodes * 730}`,
    ]);
  });

  test('has no price for Memcached', () => {
    expect(reasonsOf(SERVERLESS, { Engine: 'memcached' })).toHaveLength(1);
    expect(
      reasonsOf('AWS::ElastiCache::CacheCluster', { Engine: 'memcached', CacheNodeType: 'cache.t4g.micro', NumCacheNodes: 1 }),
    ).toHaveLength(1);
  });

  test('has no price for snapshots', () => {
    expect(reasonsOf(SERVERLESS, { Engine: 'valkey', SnapshotRetentionLimit: 7 })).toHaveLength(1);
    expect(reasonsOf(SERVERLESS, { Engine: 'valkey', SnapshotRetentionLimit: 0 })).toEqual([]);
  });
});

describe('OpenSearch Serverless', () => {
  const collection = (properties: Record<string, unknown>): TemplateResource => ({
    Type: 'AWS::OpenSearchServerless::Collection',
    Properties: properties,
  });
  const floors = (resources: Record<string, TemplateResource>): string[] =>
    estimate(resources).resources.flatMap(r =>
      r.lines.filter(l => !l.usageBased).map(l => `${r.logicalId} ${l.quantity!.expected.toFixed()}`),
    );

  test('keeps 2 capacity units once for the collections that share them', () => {
    expect(floors({ A: collection({ Type: 'SEARCH' }), B: collection({ Type: 'TIMESERIES' }) })).toEqual(['A 1460']);
  });

  test('keeps others for vector search and for collections without standby replicas', () => {
    expect(
      floors({
        A: collection({ Type: 'SEARCH' }),
        B: collection({ Type: 'VECTORSEARCH' }),
        C: collection({ Type: 'SEARCH', StandbyReplicas: 'DISABLED' }),
      }),
    ).toEqual(['A 1460', 'B 1460', 'C 730']);
  });

  test.each([[{ Ref: 'Group' }], ['shared']])('has no verified price for a NEXTGEN group, named by %j', name => {
    const Group = { Type: 'AWS::OpenSearchServerless::CollectionGroup', Properties: { Name: 'shared', Generation: 'NEXTGEN' } };
    const cost = estimate({ Group, A: collection({ CollectionGroupName: name }) });
    expect(quantities(cost)).toEqual(['opensearch-serverless/storage -']);
    expect(cost.unpriced).toMatchObject([{ logicalId: 'A', reason: expect.stringContaining('NEXTGEN') as string }]);
  });
});

describe('DynamoDB', () => {
  const TABLE = 'AWS::DynamoDB::Table';
  const capacity = (read: number, write: number) => ({ ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write } });

  test('is provisioned by default, its indexes too', () => {
    expect(quantitiesOf(TABLE, { ...capacity(5, 2), GlobalSecondaryIndexes: [{ IndexName: 'by-date', ...capacity(1, 1) }] })).toEqual([
      'dynamodb/wcu 1460',
      'dynamodb/rcu 3650',
      'dynamodb/wcu 730',
      'dynamodb/rcu 730',
      'dynamodb/storage -',
    ]);
  });

  test('asks for the use of what scales between bounds', () => {
    const target = (dimension: string, ending: string, min: number, max: number): TemplateResource => ({
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: {
        ScalableDimension: `dynamodb:${dimension}`,
        MinCapacity: min,
        MaxCapacity: max,
        ResourceId: { 'Fn::Join': ['', ['table/', { Ref: 'It' }, ending]] },
      },
    });
    const indexes = ['by-user', 'by-date'].map(IndexName => ({ IndexName, ...capacity(1, 1) }));
    expect(
      quantitiesOf(
        TABLE,
        { ...capacity(5, 2), GlobalSecondaryIndexes: indexes },
        {
          Read: target('table:ReadCapacityUnits', '', 10, 100),
          Index: target('index:WriteCapacityUnits', '/index/by-date', 1, 4),
        },
      ),
    ).toEqual([
      'dynamodb/wcu 1460',
      'dynamodb/rcu -',
      'dynamodb/wcu 730',
      'dynamodb/rcu 730',
      'dynamodb/wcu -',
      'dynamodb/rcu 730',
      'dynamodb/storage -',
    ]);
  });

  test('follows use on demand', () => {
    expect(quantitiesOf(TABLE, { BillingMode: 'PAY_PER_REQUEST' })).toEqual([
      'dynamodb/write-unit -',
      'dynamodb/read-unit -',
      'dynamodb/storage -',
    ]);
    expect(
      quantitiesOf('AWS::DynamoDB::GlobalTable', { BillingMode: 'PAY_PER_REQUEST', Replicas: [{ Region: 'us-east-1' }] }),
    ).toHaveLength(3);
  });

  test.each([
    [TABLE, { BillingMode: 'PAY_PER_REQUEST', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    [TABLE, { BillingMode: 'PAY_PER_REQUEST', TableClass: 'STANDARD_INFREQUENT_ACCESS' }],
    ['AWS::DynamoDB::GlobalTable', {}],
    ['AWS::DynamoDB::GlobalTable', { BillingMode: 'PAY_PER_REQUEST', Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] }],
  ])('says what is unpriced of %s %j', (type, properties) => {
    expect(reasonsOf(type, properties)).toHaveLength(1);
  });
});

describe('RDS and Aurora', () => {
  const cluster = (properties: Record<string, unknown> = {}): TemplateResource => ({
    Type: 'AWS::RDS::DBCluster',
    Properties: { Engine: 'aurora-postgresql', ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 }, ...properties },
  });
  const member: TemplateResource = {
    Type: 'AWS::RDS::DBInstance',
    Properties: { Engine: 'aurora-postgresql', DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Cluster' } },
  };

  test('meters the minimum of each serverless instance once use is declared, and is open before', () => {
    const declaration = { usage: [{ resource: 'Cluster', quantities: { 'aurora/acu': 10 } }] };
    const resources = { Cluster: cluster(), Writer: member, Reader: member };
    expect(quantities(estimate(resources))[0]).toBe('aurora/acu -');
    expect(quantities(estimate(resources, { declaration }))[0]).toBe('aurora/acu 1460');
  });

  test('names storage and I/O of Aurora, whose prices are not in the book, and takes declared ones', () => {
    expect(estimate({ Cluster: cluster() }).unpriced.map(u => u.reason)).toEqual([
      expect.stringContaining('aurora/storage'),
      expect.stringContaining('aurora/io-request'),
    ]);
    const cost = estimate(
      { Cluster: cluster() },
      {
        declaration: {
          usage: [{ resource: 'Cluster', quantities: { 'aurora/storage': 100 } }],
          priceOverrides: [
            { kind: 'commitment', item: 'aurora/storage', usd: 0.1, unit: 'GB-month', reason: 'read on the invoice', date: '2026-10-01' },
          ],
        },
      },
    );
    expect(cost.monthlyUsd.expected.toFixed()).toBe('10');
  });

  test.each([
    ['I/O-Optimized', { Cluster: cluster({ StorageType: 'aurora-iopt1' }) }],
    ['Serverless v1', { Cluster: cluster({ EngineMode: 'serverless' }) }],
    ['a Multi-AZ cluster', { Cluster: cluster({ Engine: 'postgres' }) }],
    ['a serverless instance whose cluster is elsewhere', { Writer: member }],
  ])('is unpriced with a reason for %s', (_, resources) => {
    const cost = estimate(resources as Record<string, TemplateResource>);
    expect([linesOf(cost).length, cost.unpriced.length]).toEqual([0, 1]);
  });

  const INSTANCE = { Engine: 'postgres', DBInstanceClass: 'db.t4g.micro', StorageType: 'gp3', AllocatedStorage: 20 };

  test('has an instance by the hour with its storage', () => {
    expect(quantitiesOf('AWS::RDS::DBInstance', INSTANCE)).toEqual(['rds/db.t4g.micro-postgres 730', 'rds/gp3-storage 20']);
    expect(quantitiesOf('AWS::RDS::DBInstance', { ...INSTANCE, ManageMasterUserPassword: true })).toContain('secrets-manager/secret 1');
  });

  test('has an unknown price for a class that is not in the book, and none for two zones or old storage', () => {
    const cost = estimate({ It: { Type: 'AWS::RDS::DBInstance', Properties: { ...INSTANCE, DBInstanceClass: 'db.r8g.large' } } });
    expect(linesOf(cost)[0]).toMatchObject({ status: 'unknown', monthlyUsd: null });
    expect(reasonsOf('AWS::RDS::DBInstance', { ...INSTANCE, MultiAZ: true })).toHaveLength(1);
    expect(reasonsOf('AWS::RDS::DBInstance', { ...INSTANCE, StorageType: 'gp2' })).toEqual([
      'the price book has gp3 storage only, not gp2',
    ]);
  });
});

describe('buckets and file systems', () => {
  test('say which of their options have no price', () => {
    const Transitions = [{ StorageClass: 'GLACIER', TransitionInDays: 30 }];
    expect(reasonsOf('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Transitions }] } })).toHaveLength(1);
    expect(reasonsOf('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 30 }] } })).toEqual([]);
    expect(reasonsOf('AWS::S3::Bucket', { AccelerateConfiguration: { AccelerationStatus: 'Suspended' } })).toEqual([]);
    expect(reasonsOf('AWS::EFS::FileSystem', { ThroughputMode: 'elastic' })).toHaveLength(1);
    expect(reasonsOf('AWS::EFS::FileSystem', { AvailabilityZoneName: 'us-east-1a' })).toHaveLength(1);
  });
});
