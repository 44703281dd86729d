/** Instances and Auto Scaling groups: on demand and spot, one type or several, and what comes with each instance. */
import { TemplateResource } from '../../../lib/estimate/template';
import { decimal } from '../../../lib/money';
import { estimate, linesOf, quantities, quantitiesOf, reasonsOf } from './estimating';

const VOLUME = { DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp3', VolumeSize: 100 } };
const template = (data: Record<string, unknown>): TemplateResource => ({
  Type: 'AWS::EC2::LaunchTemplate',
  Properties: { LaunchTemplateData: { BlockDeviceMappings: [VOLUME], ...data } },
});
const specification = { LaunchTemplateId: { Ref: 'Template' }, Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] } };
const group = (properties: Record<string, unknown>): TemplateResource => ({
  Type: 'AWS::AutoScaling::AutoScalingGroup',
  Properties: { MinSize: '0', DesiredCapacity: '4', MaxSize: '10', ...properties },
});
const mixed = (distribution: Record<string, unknown> | undefined, ...types: string[]): TemplateResource =>
  group({
    MixedInstancesPolicy: {
      InstancesDistribution: distribution,
      LaunchTemplate: { LaunchTemplateSpecification: specification, Overrides: types.map(InstanceType => ({ InstanceType })) },
    },
  });
const priced = (Group: TemplateResource, Template = template({ InstanceType: 'g6.xlarge' }), declaration = {}, load = undefined as never) =>
  estimate({ Template, Group }, { declaration, load });

describe('an Auto Scaling group', () => {
  test('is on demand within its bounds where its launch template does not say spot', () => {
    expect(quantities(priced(group({ LaunchTemplate: specification })))).toEqual([
      'ec2/g6.xlarge 0..2920..7300',
      'ebs/gp3-storage 0..400..1000',
    ]);
  });

  test('is spot where its launch template says so', () => {
    const spot = template({ InstanceType: 'g6.xlarge', InstanceMarketOptions: { MarketType: 'spot' } });
    expect(quantities(priced(group({ LaunchTemplate: specification }), spot))).toContain('ec2-spot/g6.xlarge 0..2920..7300');
  });

  test('wants as many as its minimum where it says nothing', () => {
    const cost = priced(group({ LaunchTemplate: specification, MinSize: 2, DesiredCapacity: { Ref: 'AWS::NoValue' } }));
    expect(quantities(cost)[0]).toBe('ec2/g6.xlarge 1460..1460..7300');
  });

  test.each([
    ["CloudFormation's default is on demand altogether", undefined, ['ec2/g6.xlarge 0..2920..7300']],
    [
      'a base, and spot above it',
      { OnDemandBaseCapacity: 2, OnDemandPercentageAboveBaseCapacity: 0 },
      ['ec2/g6.xlarge 0..1460..1460', 'ec2-spot/g6.xlarge 0..1460..5840'],
    ],
    [
      'a share, its fraction of an instance on demand',
      { OnDemandPercentageAboveBaseCapacity: 25 },
      ['ec2/g6.xlarge 0..730..2190', 'ec2-spot/g6.xlarge 0..2190..5110'],
    ],
    ['spot altogether', { OnDemandPercentageAboveBaseCapacity: 0 }, ['ec2-spot/g6.xlarge 0..2920..7300']],
  ])('splits: %s', (_, distribution, expected) => {
    expect(quantities(priced(mixed(distribution, 'g6.xlarge')))).toEqual([...expected, 'ebs/gp3-storage 0..400..1000']);
  });

  test('splits the replicas that a load needs, not each part of the group', () => {
    const cost = estimate(
      { Template: template({ InstanceType: 'g6.xlarge' }), Group: mixed({ OnDemandPercentageAboveBaseCapacity: 50 }) },
      {
        declaration: { capacity: [{ resource: 'Group', concurrencyPerReplica: 10 }] },
        load: { peak: decimal(35), average: decimal(12) },
      },
    );
    expect(quantities(cost)).toEqual([
      'ec2/g6.xlarge 730..1460..1460',
      'ec2-spot/g6.xlarge 730..1460..1460',
      'ebs/gp3-storage 200..400..400',
    ]);
  });

  test('says once that its maximum cannot hold the peak', () => {
    const cost = estimate(
      { Template: template({ InstanceType: 'g6.xlarge' }), Group: mixed({ OnDemandPercentageAboveBaseCapacity: 50 }) },
      {
        declaration: { capacity: [{ resource: 'Group', concurrencyPerReplica: 10 }] },
        load: { peak: decimal(120), average: decimal(12) },
      },
    );
    expect(cost.unserved.map(u => [u.path, u.calls.toFixed()])).toEqual([['Group', '20']]);
  });

  test('of several types expects the first, ranges over the others and says so', () => {
    // On demand: g6.xlarge 0.8048, g5.xlarge 1.006. The maximum is 10 instances, 4 are wanted, 0 the least.
    const [line] = linesOf(priced(mixed(undefined, 'g6.xlarge', 'g5.xlarge')));
    expect(line!.monthlyUsd!.expected.toFixed()).toBe(
      decimal('0.8048')
        .times(4 * 730)
        .toFixed(),
    );
    expect(line!.monthlyUsd!.high.toFixed()).toBe(
      decimal('1.006')
        .times(10 * 730)
        .toFixed(),
    );
    expect(line!.note).toBe('expected as ec2/g6.xlarge; the range includes ec2/g5.xlarge');
  });

  test('reports a type it may launch whose price is unknown', () => {
    const cost = priced(mixed(undefined, 'g6.xlarge', 'x99.huge'));
    expect(linesOf(cost)[0]!.note).toContain('without ec2/x99.huge');
    expect(cost.unpriced).toMatchObject([
      { logicalId: 'Group', cause: 'price', reason: expect.stringContaining('ec2/x99.huge') as string },
    ]);
  });

  test('has an unknown cost where the spot price is unknown, not the on-demand one and not nothing', () => {
    const cost = priced(mixed({ OnDemandPercentageAboveBaseCapacity: 0 }, 'g4dn.xlarge'));
    expect(linesOf(cost)[0]).toMatchObject({ item: 'ec2-spot/g4dn.xlarge', status: 'unknown', monthlyUsd: null });
    expect(cost.monthlyUsd.expected.toFixed()).toBe('32'); // The volumes of 4 instances: 4 x 100 GB x 0.08.
    expect(cost.unpriced).toHaveLength(1);
  });

  test('has the range of a floating spot price', () => {
    const [line] = linesOf(priced(mixed({ OnDemandPercentageAboveBaseCapacity: 0 }, 'g6.xlarge')));
    expect(line!.monthlyUsd!.expected.toFixed()).toBe(
      decimal('0.3618')
        .times(4 * 730)
        .toFixed(),
    );
    expect(line!.monthlyUsd!.high.toFixed()).toBe(
      decimal('0.5525')
        .times(10 * 730)
        .toFixed(),
    );
  });

  test.each([
    ['attributes', { InstanceRequirements: { VCpuCount: { Min: 4 } } }, /attributes/],
    ['weighted capacity', { InstanceType: 'g6.xlarge', WeightedCapacity: '4' }, /weighted/],
  ])('is unpriced with a reason where instances are chosen by %s', (_, override, reason) => {
    const Group = group({
      MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: specification, Overrides: [override] } },
    });
    const cost = priced(Group);
    expect(linesOf(cost)).toEqual([]);
    expect(cost.unpriced).toMatchObject([{ logicalId: 'Group', cause: 'price', reason: expect.stringMatching(reason) as string }]);
  });

  test.each([
    ['dedicated tenancy', { InstanceType: 'g6.xlarge', Placement: { Tenancy: 'dedicated' } }],
    ['attributes in the template', { InstanceRequirements: {} }],
    ['a capacity block', { InstanceType: 'g6.xlarge', InstanceMarketOptions: { MarketType: 'capacity-block' } }],
  ])('is unpriced for %s', (_, data) => {
    const cost = priced(group({ LaunchTemplate: specification }), template(data));
    expect([linesOf(cost).length, cost.unpriced.length]).toEqual([0, 1]);
  });

  test('is unpriced where its launch template is elsewhere', () => {
    expect(
      reasonsOf('AWS::AutoScaling::AutoScalingGroup', { MinSize: 1, MaxSize: 1, LaunchTemplate: { LaunchTemplateId: 'lt-1' } }),
    ).toEqual(['its launch template or launch configuration is not part of this template']);
  });

  test('takes a launch configuration, monitored in detail unless it says otherwise', () => {
    const Configuration = {
      Type: 'AWS::AutoScaling::LaunchConfiguration',
      Properties: { InstanceType: 'm7g.large', SpotPrice: '0.05', BlockDeviceMappings: [VOLUME], AssociatePublicIpAddress: true },
    };
    const Group = group({ LaunchConfigurationName: { Ref: 'Configuration' }, MinSize: 1, DesiredCapacity: 1, MaxSize: 1 });
    expect(quantities(estimate({ Configuration, Group }))).toEqual([
      'ec2-spot/m7g.large 730',
      'ebs/gp3-storage 100',
      'public-ipv4/hour 730',
      'cloudwatch/metric 7',
    ]);
  });

  test('keeps its instances priced where a volume cannot be', () => {
    const noType = template({ InstanceType: 'g6.xlarge', BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30 } }] });
    const cost = priced(group({ LaunchTemplate: specification }), noType);
    expect(quantities(cost)).toEqual(['ec2/g6.xlarge 0..2920..7300']);
    expect(cost.unpriced).toMatchObject([{ cause: 'price', reason: expect.stringContaining('VolumeType') as string }]);
  });

  test('leaves the root volume of its image to be declared where none is given', () => {
    const bare = template({ InstanceType: 'g6.xlarge', BlockDeviceMappings: { Ref: 'AWS::NoValue' } });
    expect(quantities(priced(group({ LaunchTemplate: specification }), bare))).toContain('ebs/gp3-storage -');
  });
});

describe('an instance', () => {
  test('runs all month with the volumes it maps', () => {
    expect(quantitiesOf('AWS::EC2::Instance', { InstanceType: 't4g.micro', BlockDeviceMappings: [VOLUME] })).toEqual([
      'ec2/t4g.micro 730',
      'ebs/gp3-storage 100',
    ]);
  });

  test('takes from its launch template what it does not say', () => {
    const Template = template({ InstanceType: 'g6.xlarge', InstanceMarketOptions: { MarketType: 'spot' } });
    expect(quantitiesOf('AWS::EC2::Instance', { LaunchTemplate: specification }, { Template })).toEqual([
      'ec2-spot/g6.xlarge 730',
      'ebs/gp3-storage 100',
    ]);
  });

  test("has one public address: its interface's, its subnet's or an Elastic IP", () => {
    const asked = { NetworkInterfaces: [{ DeviceIndex: '0', AssociatePublicIpAddress: true }] };
    expect(quantitiesOf('AWS::EC2::Instance', { InstanceType: 't4g.micro', ...asked })).toContain('public-ipv4/hour 730');
    const Subnet = { Type: 'AWS::EC2::Subnet', Properties: { MapPublicIpOnLaunch: true } };
    const inSubnet = { InstanceType: 't4g.micro', SubnetId: { Ref: 'Subnet' } };
    expect(quantitiesOf('AWS::EC2::Instance', inSubnet, { Subnet })).toContain('public-ipv4/hour 730');
    const Address = { Type: 'AWS::EC2::EIP', Properties: { InstanceId: { Ref: 'It' } } };
    expect(quantitiesOf('AWS::EC2::Instance', inSubnet, { Subnet, Address })).not.toContain('public-ipv4/hour 730');
  });

  test('of a type the book does not know is unknown', () => {
    const cost = estimate({
      It: { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 'u7i-12tb.224xlarge', BlockDeviceMappings: [VOLUME] } },
    });
    expect(linesOf(cost)[0]).toMatchObject({ item: 'ec2/u7i-12tb.224xlarge', status: 'unknown', monthlyUsd: null });
  });
});

describe('a volume', () => {
  test.each([
    ['nothing beyond what gp3 includes', { Size: 100, Iops: 3000, Throughput: 125 }, []],
    ['IOPS beyond 3000', { Size: 100, Iops: 16000 }, ['ebs/gp3-iops 13000']],
    ['throughput beyond 125 MBps', { Size: 100, Throughput: '1000' }, ['ebs/gp3-throughput 875']],
  ])('is charged for %s', (_, properties, surplus) => {
    expect(quantitiesOf('AWS::EC2::Volume', { VolumeType: 'gp3', ...properties })).toEqual([
      'ebs/gp3-storage 100',
      ...surplus,
      'ebs/snapshot -',
    ]);
  });

  test('is gp2 where it says nothing', () => {
    expect(reasonsOf('AWS::EC2::Volume', { Size: 10 })).toEqual(['the price book has gp3 volumes only, not gp2']);
  });

  test.each(['gp2', 'io2', 'st1'])('of type %s is unpriced', type => {
    expect(reasonsOf('AWS::EC2::Volume', { VolumeType: type, Size: 10 })).toEqual([`the price book has gp3 volumes only, not ${type}`]);
  });
});
