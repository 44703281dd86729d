/** Auto Scaling groups: so many instances on demand, the rest spot; the type listed first is the expected one. */
import { Decimal } from '../../money';
import { Charge, ReplicaShare, replicas, unpriced } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { hours } from './ebs';
import { BY_ATTRIBUTES, Launch } from './launch';

const POLICY = 'MixedInstancesPolicy';

export const autoscaling: Family = {
  name: 'Auto Scaling groups',
  charges: {
    'AWS::AutoScaling::AutoScalingGroup': group => groupCharges(group),
    'AWS::AutoScaling::WarmPool': () => [unpriced('how many instances of a warm pool run, stop or hibernate is not in the template')],
  },
};

function groupCharges(group: Resource): Charge[] {
  const launch = Launch.at(group, 'LaunchTemplate') ?? Launch.at(group, 'LaunchConfigurationName')
    ?? Launch.at(group, `${POLICY}.LaunchTemplate.LaunchTemplateSpecification`);
  if (!launch) throw new Unresolvable('its launch template or launch configuration is not part of this template');
  const types = overriddenTypes(group);
  launch.refuseOtherPrices();
  const [first, ...others] = types.length > 0 ? types : [launch.instanceType];
  if (first === undefined) throw new Unresolvable('its launch template names no instance type');
  const min = group.number('MinSize');
  const bounds = { min, desired: group.number('DesiredCapacity', min), max: group.number('MaxSize') };
  const of = (market: string, share?: ReplicaShare): Charge =>
    replicas(`${market}/${first}`, hours, bounds, { share, alternatives: others.map(type => `${market}/${type}`) });
  return [
    ...group.has(POLICY) ? mixed(group, of) : [of(launch.spot ? 'ec2-spot' : 'ec2')],
    ...launch.extras((item, quantity) => replicas(item, quantity, bounds), group.references('VPCZoneIdentifier')),
  ];
}

/** CloudFormation's default is on demand altogether. Of a fraction of an instance, Auto Scaling makes one on demand. */
function mixed(group: Resource, of: (market: string, share?: ReplicaShare) => Charge): Charge[] {
  const base = group.number(`${POLICY}.InstancesDistribution.OnDemandBaseCapacity`, 0);
  const percent = Math.min(group.number(`${POLICY}.InstancesDistribution.OnDemandPercentageAboveBaseCapacity`, 100), 100);
  const onDemand: ReplicaShare = count => {
    if (percent === 100) return count; // Also of an average that is no whole number.
    const inBase = Decimal.min(count, base);
    return inBase.plus(count.minus(inBase).times(percent).div(100).ceil());
  };
  return [
    ...base > 0 || percent > 0 ? [of('ec2', onDemand)] : [],
    ...percent < 100 ? [of('ec2-spot', count => count.minus(onDemand(count)))] : [],
  ];
}

function overriddenTypes(group: Resource): string[] {
  const overrides = group.parts(`${POLICY}.LaunchTemplate.Overrides`);
  if (overrides.some(override => override.has('InstanceRequirements'))) {
    throw new Unresolvable(BY_ATTRIBUTES);
  }
  if (overrides.some(override => override.number('WeightedCapacity', 1) !== 1)) {
    throw new Unresolvable('capacity is weighted, so the number of instances depends on the types launched');
  }
  return [...new Set(overrides.filter(override => override.has('InstanceType')).map(override => override.text('InstanceType')))];
}
