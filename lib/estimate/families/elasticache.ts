/** ElastiCache: serverless caches by use with a metered minimum, clusters by the node and hour. */
import { HOURS_PER_MONTH, SECONDS_PER_MONTH } from '../../money';
import { Charge, fixed, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { extras } from './options';

/** Gigabytes that are metered even where less is stored. */
const LEAST_GB: Readonly<Record<string, number>> = { valkey: 0.1, redis: 1 };

export const elasticache: Family = {
  name: 'ElastiCache',
  charges: {
    'AWS::ElastiCache::ServerlessCache': cache => serverlessCharges(cache),
    'AWS::ElastiCache::ReplicationGroup': group => nodeCharges(group, group.text('Engine', 'redis'), nodesOf(group)),
    'AWS::ElastiCache::CacheCluster': cluster => nodeCharges(cluster, cluster.text('Engine'), cluster.number('NumCacheNodes')),
  },
};

const refuse = (engine: string): never => {
  throw new Unresolvable(`the price book has no ElastiCache prices for ${engine}`);
};

function serverlessCharges(cache: Resource): Charge[] {
  const engine = cache.text('Engine');
  const least = (Object.hasOwn(LEAST_GB, engine) ? LEAST_GB[engine] : undefined) ?? refuse(engine);
  const storage = Math.max(cache.number('CacheUsageLimits.DataStorage.Minimum', 0), least);
  const requests = cache.number('CacheUsageLimits.ECPUPerSecond.Minimum', 0);
  return [
    usage(`elasticache-serverless/${engine}-storage`, HOURS_PER_MONTH.times(storage)),
    usage(`elasticache-serverless/${engine}-ecpu`, SECONDS_PER_MONTH.times(requests)),
    ...extras(cache, { SnapshotRetentionLimit: 'snapshot storage' }),
  ];
}

/** Snapshots of clusters beyond the free one come with retention. */
function nodeCharges(group: Resource, engine: string, nodes: number): Charge[] {
  if (!Object.hasOwn(LEAST_GB, engine)) refuse(engine);
  return [
    fixed(`elasticache/${group.text('CacheNodeType')}-${engine}`, HOURS_PER_MONTH.times(nodes)),
    ...extras(group, { SnapshotRetentionLimit: 'snapshot storage' }),
  ];
}

function nodesOf(group: Resource): number {
  const replicas = group.number('ReplicasPerNodeGroup', 0);
  const shards = group.parts('NodeGroupConfiguration');
  if (shards.length > 0) return shards.reduce((nodes, shard) => nodes + 1 + shard.number('ReplicaCount', replicas), 0);
  if (group.has('NumCacheClusters')) return group.number('NumCacheClusters');
  return group.number('NumNodeGroups', 1) * (1 + replicas);
}
