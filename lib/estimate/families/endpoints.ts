/** VPC endpoints: interface endpoints by the hour in each subnet; gateway endpoints, the default, are free. */
import { Charge, fixed, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { hours } from './ebs';

export const endpoints: Family = {
  name: 'VPC endpoints',
  charges: { 'AWS::EC2::VPCEndpoint': endpoint => endpointCharges(endpoint) },
};

function endpointCharges(endpoint: Resource): Charge[] {
  const type = endpoint.text('VpcEndpointType', 'Gateway');
  if (type === 'Gateway') return [];
  if (type !== 'Interface') throw new Unresolvable(`the price book has no prices for ${type} endpoints`);
  const subnets = endpoint.lengthOf('SubnetIds');
  if (subnets === 0) throw new Unresolvable('SubnetIds is not set, so the number of its network interfaces is not known');
  return [fixed('endpoint/hour', hours.times(subnets)), usage('endpoint/data')];
}
