/** NAT gateways and Elastic IPs. The address of a public NAT gateway is an Elastic IP, and charged there alone. */
import { fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { hours } from './ebs';

export const nat: Family = {
  name: 'NAT gateways and public addresses',
  charges: {
    'AWS::EC2::NatGateway': gateway => {
      const mode = gateway.text('AvailabilityMode', 'zonal');
      if (mode !== 'zonal') throw new Unresolvable('a regional NAT gateway is charged for each Availability Zone it spreads to');
      const isPublic = gateway.text('ConnectivityType', 'public') === 'public';
      return [fixed('nat/hour', hours), usage('nat/data'), ...isPublic ? [usage('data-transfer/internet-out')] : []];
    },
    // In use or idle, an address costs the same; one that was brought costs nothing.
    'AWS::EC2::EIP': address => address.has('PublicIpv4Pool') || address.has('IpamPoolId')
      ? [unpriced('whether an address of a pool is charged depends on whose pool it is')]
      : [fixed('public-ipv4/hour', hours)],
  },
};
