/** Fargate: vCPU, memory and storage of the tasks a service keeps running. What ECS runs on EC2 is charged as EC2. */
import { Charge, ReplicaBounds, ReplicaShare, orUnpriced, replicas, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { hours } from './ebs';
import { capacityOf } from './ecs-capacity';
import { extras, isOn } from './options';
import { boundsOf } from './scaling';
import { TaskSize, taskSize } from './task-size';

export const fargate: Family = {
  name: 'ECS and Fargate',
  charges: {
    'AWS::ECS::Service': service => [
      ...serviceCharges(service),
      ...extras(service, { VolumeConfigurations: 'a volume for each task' }),
    ],
    'AWS::ECS::TaskDefinition': task => taskCharges(task),
    'AWS::ECS::Cluster': cluster => {
      const insights = cluster.parts('ClusterSettings').some(s => s.text('Name') === 'containerInsights' && isOn(s, 'Value'));
      return insights ? [usage('cloudwatch/metric')] : [];
    },
    'AWS::ECS::CapacityProvider': provider => provider.has('ManagedInstancesProvider')
      ? [unpriced('ECS chooses the types and the number of managed instances')]
      : [],
  },
};

function serviceCharges(service: Resource): Charge[] {
  const capacity = capacityOf(service);
  if (!capacity) return [];
  const task = service.references('TaskDefinition').find(r => r.type === 'AWS::ECS::TaskDefinition');
  if (!task) throw new Unresolvable('its task definition is not part of this template');
  const size = taskSize(task);
  const group = boundsOf(service, 'ecs:service:DesiredCount', service.number('DesiredCount', 1));
  const storage = task.number('EphemeralStorage.SizeInGiB', 20) - 20; // The first 20 GB come with the task.
  return [
    ...capacity.onDemand ? computeCharges(size, group, capacity.onDemand, false) : [],
    ...capacity.spot ? computeCharges(size, group, capacity.spot, true) : [],
    ...storage > 0 ? [replicas('fargate/ephemeral-storage', hours.times(storage), group)] : [],
    ...orUnpriced(() => service.text('NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', 'DISABLED') === 'ENABLED'
      ? [replicas('public-ipv4/hour', hours, group)]
      : []),
  ];
}

/**
 * Fargate Spot floats, and its discount of up to 70 % (`fargate/spot-discount` in the price book) is not verified: none is
 * expected, and the low end is what the whole discount leaves.
 */
const LEAST_SPOT_SHARE = '0.3';

function computeCharges(size: TaskSize, group: ReplicaBounds, share: ReplicaShare, spot: boolean): Charge[] {
  return ([[size.cpuItem, size.vcpus], [size.memoryItem, size.gigabytes]] as const).map(([item, perTask]) => {
    const full = hours.times(perTask);
    const quantity = spot ? { low: full.times(LEAST_SPOT_SHARE), expected: full, high: full } : full;
    return replicas(item, quantity, group, { share });
  });
}

/** A Fargate task that no service runs is run by something else, as often as somebody declares. */
function taskCharges(task: Resource): Charge[] {
  if (task.siblings.pointingAt(task, 'AWS::ECS::Service', 'TaskDefinition').length > 0) return [];
  if (!task.list('RequiresCompatibilities').includes('FARGATE')) return [];
  const { cpuItem, memoryItem } = taskSize(task);
  return [usage(cpuItem), usage(memoryItem)];
}
