/**
 * EC2 instances, at Linux prices with shared tenancy: a template names an image, not its operating system. Burst credits
 * beyond the baseline (unlimited mode) come with use and are not in it.
 */
import { Charge, unpriced } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { hours, once } from './ebs';
import { Launch } from './launch';

export const ec2: Family = {
  name: 'EC2',
  charges: {
    'AWS::EC2::Instance': instance => instanceCharges(instance),
    'AWS::EC2::SpotFleet': () => [unpriced('a Spot Fleet chooses types and numbers of instances by itself')],
    'AWS::EC2::EC2Fleet': () => [unpriced('an EC2 Fleet chooses types and numbers of instances by itself')],
  },
};

function instanceCharges(instance: Resource): Charge[] {
  const own = new Launch(instance);
  const template = Launch.at(instance, 'LaunchTemplate');
  if (instance.has('LaunchTemplate') && !template) return [unpriced('its launch template is not part of this template')];
  own.refuseOtherPrices();
  template?.refuseOtherPrices();
  const type = own.instanceType ?? template?.instanceType ?? 'm1.small'; // What EC2 launches where nothing is said.
  const market = template?.spot ? 'ec2-spot' : 'ec2';
  const machine = template && !instance.has('BlockDeviceMappings') ? template : own;
  const subnets = hasElasticAddress(instance) ? [] : [...instance.references('SubnetId'), ...instance.references('NetworkInterfaces')];
  return [once(`${market}/${type}`, hours), ...machine.extras(once, subnets)];
}

/** An Elastic IP takes the place of the address the subnet would give. */
const hasElasticAddress = (instance: Resource): boolean =>
  ['AWS::EC2::EIP', 'AWS::EC2::EIPAssociation'].some(type => instance.siblings.pointingAt(instance, type, 'InstanceId').length > 0);
