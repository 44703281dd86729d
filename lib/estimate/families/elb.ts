/**
 * Load balancers: hours, capacity units by use, a public address per subnet. What leaves to the internet is declared on
 * the load balancer; traffic between Availability Zones is charged for network load balancers only.
 */
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { hours } from './ebs';
import { extras } from './options';

export const elb: Family = {
  name: 'Elastic Load Balancing',
  charges: {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': balancer => balancerCharges(balancer),
    'AWS::ElasticLoadBalancing::LoadBalancer': () => [unpriced('the price book has no prices for classic load balancers')],
  },
};

function balancerCharges(balancer: Resource): Charge[] {
  const type = balancer.text('Type', 'application');
  if (type !== 'application' && type !== 'network') throw new Unresolvable(`the price book has no prices for ${type} load balancers`);
  const kind = type === 'application' ? 'alb' : 'nlb';
  return [
    fixed(`${kind}/hour`, hours),
    usage(`${kind}/lcu`),
    ...kind === 'nlb' ? [usage('data-transfer/inter-az')] : [],
    ...balancer.text('Scheme', 'internet-facing') === 'internet-facing' ? publicCharges(balancer) : [],
    ...extras(balancer, { 'MinimumLoadBalancerCapacity.CapacityUnits': 'reserved capacity' }),
  ];
}

function publicCharges(balancer: Resource): Charge[] {
  const withoutAddresses = balancer.text('IpAddressType', 'ipv4') === 'dualstack-without-public-ipv4';
  const mappings = balancer.parts('SubnetMappings');
  // An address of one's own is charged as the Elastic IP that it is.
  const addresses = mappings.length > 0 ? mappings.filter(m => !m.has('AllocationId')).length : balancer.lengthOf('Subnets');
  return [
    ...withoutAddresses || addresses === 0 ? [] : [fixed('public-ipv4/hour', hours.times(addresses))],
    usage('data-transfer/internet-out'),
  ];
}
