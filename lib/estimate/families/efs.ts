/** EFS: storage in the Standard class by use, with bursting throughput. */
import { Charge, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

export const efs: Family = {
  name: 'EFS',
  charges: { 'AWS::EFS::FileSystem': system => systemCharges(system) },
};

function systemCharges(system: Resource): Charge[] {
  if (system.has('AvailabilityZoneName')) return [unpriced('the price book has no prices for One Zone file systems')];
  const throughput = system.text('ThroughputMode', 'bursting');
  return [
    usage('efs/storage'),
    ...throughput === 'bursting' ? [] : [unpriced(`the price book has no prices for ${throughput} throughput`)],
    ...extras(system, {
      LifecyclePolicies: 'another storage class', 'BackupPolicy.Status': 'a backup', ReplicationConfiguration: 'replication',
    }),
  ];
}
