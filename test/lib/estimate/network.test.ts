/** Load balancers, NAT gateways, public addresses and endpoints: each address and each hour once. */
import { FAR_AWAY, estimate, linesOf, quantities, quantitiesOf, reasonsOf } from './estimating';

const NAT = {
  Address: { Type: 'AWS::EC2::EIP' },
  Nat: { Type: 'AWS::EC2::NatGateway', Properties: { AllocationId: { 'Fn::GetAtt': ['Address', 'AllocationId'] }, SubnetId: 'subnet-1' } },
};

describe('a NAT gateway', () => {
  test('and its Elastic IP are charged for one address', () => {
    const cost = estimate(NAT);
    expect(quantities(cost)).toEqual(['public-ipv4/hour 730', 'nat/hour 730', 'nat/data -', 'data-transfer/internet-out -']);
    expect(cost.monthlyUsd.expected.toFixed()).toBe('36.5'); // 730 x 0.005 + 730 x 0.045
  });

  test('that is private sends nothing to the internet', () => {
    expect(quantitiesOf('AWS::EC2::NatGateway', { ConnectivityType: 'private' })).toEqual(['nat/hour 730', 'nat/data -']);
  });

  test('that is regional is unpriced', () => {
    expect(reasonsOf('AWS::EC2::NatGateway', { AvailabilityMode: 'regional' })).toHaveLength(1);
  });

  test("in a region without a price is unknown, never at another region's price", () => {
    const cost = estimate(NAT, { region: FAR_AWAY });
    expect(linesOf(cost).map(line => line.status)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(cost.monthlyUsd.high.toFixed()).toBe('0');
    expect(cost.unpriced.map(u => u.reason)).toEqual(
      linesOf(cost).map(line => expect.stringContaining(`no price for ${line.item} in ${FAR_AWAY}`) as string),
    );
  });
});

test('an address of a pool is unpriced: a brought one is free', () => {
  expect(reasonsOf('AWS::EC2::EIP', { PublicIpv4Pool: 'ipv4pool-1' })).toHaveLength(1);
});

describe('a load balancer', () => {
  const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

  test.each([
    [
      'faces the internet by default, with an address per subnet',
      { Subnets: ['a', { Ref: 'B' }, 'c'] },
      ['alb/hour 730', 'alb/lcu -', 'public-ipv4/hour 2190', 'data-transfer/internet-out -'],
    ],
    ['inside has no address', { Scheme: 'internal', Subnets: ['a', 'b'] }, ['alb/hour 730', 'alb/lcu -']],
    [
      'of a network has its own prices',
      { Type: 'network', Scheme: 'internal', Subnets: ['a'] },
      ['nlb/hour 730', 'nlb/lcu -', 'data-transfer/inter-az -'],
    ],
    [
      "with addresses of one's own is charged for the others",
      { SubnetMappings: [{ SubnetId: 'a', AllocationId: 'eipalloc-1' }, { SubnetId: 'b' }] },
      ['alb/hour 730', 'alb/lcu -', 'public-ipv4/hour 730', 'data-transfer/internet-out -'],
    ],
    [
      'without IPv4 has no address',
      { Subnets: ['a'], IpAddressType: 'dualstack-without-public-ipv4' },
      ['alb/hour 730', 'alb/lcu -', 'data-transfer/internet-out -'],
    ],
  ])('%s', (_, properties, expected) => {
    expect(quantitiesOf(BALANCER, properties)).toEqual(expected);
  });

  test('of another kind is unpriced', () => {
    expect(reasonsOf(BALANCER, { Type: 'gateway' })).toEqual(['the price book has no prices for gateway load balancers']);
    expect(reasonsOf('AWS::ElasticLoadBalancing::LoadBalancer')).toHaveLength(1);
  });

  test('with reserved capacity says that the reservation is unpriced', () => {
    expect(reasonsOf(BALANCER, { Scheme: 'internal', MinimumLoadBalancerCapacity: { CapacityUnits: 100 } })).toHaveLength(1);
  });
});

describe('an endpoint', () => {
  const ENDPOINT = 'AWS::EC2::VPCEndpoint';

  test('is charged by the subnet where it is an interface, and free where it is a gateway', () => {
    expect(quantitiesOf(ENDPOINT, { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b', 'c'] })).toEqual([
      'endpoint/hour 2190',
      'endpoint/data -',
    ]);
    expect(estimate({ It: { Type: ENDPOINT, Properties: { VpcId: 'vpc-1' } } })).toMatchObject({ resources: [], unpriced: [] });
  });

  test('is unpriced for a gateway load balancer, and where its subnets are unknown', () => {
    expect(reasonsOf(ENDPOINT, { VpcEndpointType: 'GatewayLoadBalancer' })).toHaveLength(1);
    expect(reasonsOf(ENDPOINT, { VpcEndpointType: 'Interface' })).toHaveLength(1);
    expect(reasonsOf(ENDPOINT, { VpcEndpointType: 'Interface', SubnetIds: { Ref: 'SubnetIds' } })).toEqual([
      'SubnetIds: Ref SubnetIds is known only to AWS',
    ]);
  });
});
