/** RDS and Aurora: Serverless v2 by declared use with its minimum metered, instances by the hour, gp3 storage by size. */
import { HOURS_PER_MONTH, decimal } from '../../money';
import { Charge, fixed, orUnpriced, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { extras } from './options';

const INSTANCE = 'AWS::RDS::DBInstance';

export const rds: Family = {
  name: 'RDS and Aurora',
  charges: {
    'AWS::RDS::DBCluster': cluster => [...clusterCharges(cluster), ...sharedCharges(cluster)],
    [INSTANCE]: instance => [...instanceCharges(instance), ...sharedCharges(instance)],
  },
};

/** The secret that RDS makes for a password is charged like any other. */
const sharedCharges = (database: Resource): Charge[] => [
  ...database.flag('ManageMasterUserPassword') ? [fixed('secrets-manager/secret', 1)] : [],
  ...extras(database, {
    MonitoringInterval: 'enhanced monitoring', BacktrackWindow: 'backtrack', EnableHttpEndpoint: 'the data API',
    DedicatedLogVolume: 'a dedicated log volume', AdditionalStorageVolumes: 'additional storage',
  }),
];

/** Its instances are charged here, by capacity units, where they are serverless; storage and I/O have no price in the book. */
function clusterCharges(cluster: Resource): Charge[] {
  const engine = cluster.text('Engine');
  if (!engine.startsWith('aurora')) throw new Unresolvable(`the price book has no prices for Multi-AZ clusters of ${engine}`);
  if (cluster.text('EngineMode', 'provisioned') !== 'provisioned') throw new Unresolvable('the price book has Aurora Serverless v2 only');
  if (cluster.text('StorageType', 'aurora') !== 'aurora') throw new Unresolvable('the price of Aurora I/O-Optimized is not verified');
  return [...orUnpriced(() => capacityCharges(cluster)), usage('aurora/storage'), usage('aurora/io-request')];
}

function capacityCharges(cluster: Resource): Charge[] {
  const serverless = cluster.siblings.pointingAt(cluster, INSTANCE, 'DBClusterIdentifier').filter(isServerless).length;
  return serverless === 0
    ? []
    : [usage('aurora/acu', HOURS_PER_MONTH.times(cluster.number('ServerlessV2ScalingConfiguration.MinCapacity')).times(serverless))];
}

const isServerless = (instance: Resource): boolean => instance.text('DBInstanceClass', '') === 'db.serverless';

function instanceCharges(instance: Resource): Charge[] {
  if (isServerless(instance)) {
    const here = instance.references('DBClusterIdentifier').some(r => r.type === 'AWS::RDS::DBCluster');
    return here ? [] : [unpriced('its cluster, which sets its capacity, is not part of this template')];
  }
  if (instance.flag('MultiAZ')) throw new Unresolvable('the price book has prices for a single Availability Zone only');
  const hours = fixed(`rds/${instance.text('DBInstanceClass')}-${instance.text('Engine')}`, HOURS_PER_MONTH);
  return instance.has('DBClusterIdentifier') ? [hours] : [hours, ...orUnpriced(() => storageCharges(instance))];
}

/** Storage that may grow by itself has its limit as its high end. */
function storageCharges(instance: Resource): Charge[] {
  const type = instance.text('StorageType', 'gp2');
  if (type !== 'gp3') throw new Unresolvable(`the price book has gp3 storage only, not ${type}`);
  const allocated = instance.number('AllocatedStorage');
  const limit = Math.max(instance.number('MaxAllocatedStorage', allocated), allocated);
  return [
    fixed('rds/gp3-storage', { low: decimal(allocated), expected: decimal(allocated), high: decimal(limit) }),
    ...extras(instance, { Iops: 'provisioned IOPS', StorageThroughput: 'provisioned throughput' }),
  ];
}
