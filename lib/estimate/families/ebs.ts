/** EBS volumes: gp3 by size, with the IOPS and the throughput beyond what its price includes. */
import { HOURS_PER_MONTH, Numeric } from '../../money';
import { Charge, fixed, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { extras } from './options';

const FREE_IOPS = 3000;
const FREE_THROUGHPUT_MBPS = 125;

/** Adds an item to a resource: once, or for each replica of a group. */
export type Add = (item: string, quantity: Numeric) => Charge;
export const once: Add = (item, quantity) => fixed(item, quantity);
export const hours = HOURS_PER_MONTH;

/** A volume whose properties begin with `prefix`; its size has another name on its own than in a block device mapping. */
export function volumeCharges(volume: Resource, prefix: string, size: string, add: Add): Charge[] {
  const type = volume.text(`${prefix}VolumeType`, 'gp2'); // CloudFormation's default; a block device mapping inherits its image's.
  if (type !== 'gp3') throw new Unresolvable(`the price book has gp3 volumes only, not ${type}`);
  const iops = volume.number(`${prefix}Iops`, FREE_IOPS) - FREE_IOPS;
  const throughput = volume.number(`${prefix}Throughput`, FREE_THROUGHPUT_MBPS) - FREE_THROUGHPUT_MBPS;
  return [
    add('ebs/gp3-storage', volume.number(`${prefix}${size}`)),
    ...iops > 0 ? [add('ebs/gp3-iops', iops)] : [],
    ...throughput > 0 ? [add('ebs/gp3-throughput', throughput)] : [],
    ...extras(volume, { [`${prefix}VolumeInitializationRate`]: 'provisioned initialization of a volume' }),
  ];
}

export const ebs: Family = {
  name: 'EBS',
  charges: {
    'AWS::EC2::Volume': volume => [...volumeCharges(volume, '', 'Size', once), usage('ebs/snapshot')],
  },
};
