/** ECS services: where their tasks run, how many, and how large. */
import { TemplateResource } from '../../../lib/estimate/template';
import { estimate, linesOf, quantities, reasonsOf } from './estimating';

const task = (properties: Record<string, unknown> = {}): TemplateResource => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: { Cpu: '1024', Memory: '2048', RequiresCompatibilities: ['FARGATE'], ...properties },
});
const service = (properties: Record<string, unknown> = {}): TemplateResource => ({
  Type: 'AWS::ECS::Service',
  Properties: { Cluster: { Ref: 'Cluster' }, TaskDefinition: { Ref: 'Task' }, ...properties },
});
const cluster = (properties: Record<string, unknown> = {}): TemplateResource => ({ Type: 'AWS::ECS::Cluster', Properties: properties });
const target = (resourceId: unknown, min: number, max: number): TemplateResource => ({
  Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
  Properties: {
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: resourceId,
    MinCapacity: min,
    MaxCapacity: max,
  },
});
const estimated = (Service: TemplateResource, Task = task(), others: Record<string, TemplateResource> = {}): string[] =>
  quantities(estimate({ Cluster: cluster(), Task, Service, ...others }), 'Service');
const FARGATE = { LaunchType: 'FARGATE' };

test('one task runs where nothing is said', () => {
  expect(estimated(service(FARGATE))).toEqual(['fargate/vcpu 730', 'fargate/memory 1460']);
});

test.each([
  ['CPU units and MiB', { Cpu: 512, Memory: 3072 }, ['fargate/vcpu 365', 'fargate/memory 2190']],
  ['vCPU and GB', { Cpu: '.5 vCPU', Memory: '3 GB' }, ['fargate/vcpu 365', 'fargate/memory 2190']],
  ['vCPU and GB without spaces', { Cpu: '0.5vCPU', Memory: '3GB' }, ['fargate/vcpu 365', 'fargate/memory 2190']],
  ['ARM', { RuntimePlatform: { CpuArchitecture: 'ARM64' } }, ['fargate/arm-vcpu 730', 'fargate/arm-memory 1460']],
  [
    'storage beyond 20 GB',
    { EphemeralStorage: { SizeInGiB: 21 } },
    ['fargate/vcpu 730', 'fargate/memory 1460', 'fargate/ephemeral-storage 730'],
  ],
])('a task is read in %s', (_, properties, expected) => {
  expect(estimated(service(FARGATE), task(properties))).toEqual(expected);
});

test.each([
  ['Fn::Join', { 'Fn::Join': ['', ['service/', { Ref: 'Cluster' }, '/', { 'Fn::GetAtt': ['Service', 'Name'] }]] }],
  ['Fn::Sub', { 'Fn::Sub': 'service/${Cluster}/${Service.Name}' }],
])('scaling bounds are found through %s', (_, resourceId) => {
  expect(estimated(service({ ...FARGATE, DesiredCount: 3 }), task(), { Target: target(resourceId, 2, 8) })).toEqual([
    'fargate/vcpu 1460..2190..5840',
    'fargate/memory 2920..4380..11680',
  ]);
});

test('scaling bounds hold the desired count', () => {
  const resourceId = { 'Fn::Sub': 'service/${Cluster}/${Service.Name}' };
  expect(estimated(service({ ...FARGATE, DesiredCount: 1 }), task(), { Target: target(resourceId, 2, 8) })[0]).toBe(
    'fargate/vcpu 1460..1460..5840',
  );
});

test("another service's bounds are not taken", () => {
  const resourceId = { 'Fn::Sub': 'service/${Cluster}/${Other.Name}' };
  expect(estimated(service(FARGATE), task(), { Target: target(resourceId, 2, 8), Other: service(FARGATE) })[0]).toBe('fargate/vcpu 730');
});

describe('a capacity provider strategy', () => {
  const strategy = (...providers: object[]) => ({ CapacityProviderStrategy: providers, DesiredCount: 5 });

  test('splits tasks by weight; the low end of spot is the whole discount, none is expected', () => {
    const split = strategy({ CapacityProvider: 'FARGATE', Weight: 1 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 4 });
    expect(estimated(service(split))).toEqual([
      'fargate/vcpu 730',
      'fargate/memory 1460',
      'fargate/vcpu 876..2920..2920',
      'fargate/memory 1752..5840..5840',
    ]);
  });

  test('fills its base first', () => {
    const based = strategy({ CapacityProvider: 'FARGATE', Base: 2, Weight: 0 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 });
    expect(estimated(service(based)).filter(q => q.startsWith('fargate/vcpu'))).toEqual([
      'fargate/vcpu 1460',
      'fargate/vcpu 657..2190..2190',
    ]);
  });

  test('may have its base on spot', () => {
    const based = strategy({ CapacityProvider: 'FARGATE', Weight: 1 }, { CapacityProvider: 'FARGATE_SPOT', Base: 3, Weight: 1 });
    expect(estimated(service(based)).filter(q => q.startsWith('fargate/vcpu'))).toEqual([
      'fargate/vcpu 730',
      'fargate/vcpu 876..2920..2920',
    ]);
  });

  test("may be the cluster's own", () => {
    const own = cluster({ DefaultCapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }] });
    expect(quantities(estimate({ Cluster: own, Task: task(), Service: service() }), 'Service')).toEqual([
      'fargate/vcpu 730',
      'fargate/memory 1460',
    ]);
  });

  test('of instances costs nothing by itself', () => {
    const Provider = { Type: 'AWS::ECS::CapacityProvider', Properties: { AutoScalingGroupProvider: {} } };
    expect(estimated(service(strategy({ CapacityProvider: { Ref: 'Provider' }, Weight: 1 })), task(), { Provider })).toEqual([]);
  });
});

test('tasks on EC2 cost nothing by themselves', () => {
  expect(estimated(service({ LaunchType: 'EC2' }), task({ Cpu: { Ref: 'AWS::NoValue' } }))).toEqual([]);
});

test('a public address is charged for each task', () => {
  const network = { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } } };
  expect(estimated(service({ ...FARGATE, ...network, DesiredCount: 2 }))).toContain('public-ipv4/hour 1460');
});

test('a task that no service runs is left to be declared', () => {
  expect(quantities(estimate({ Task: task() }))).toEqual(['fargate/vcpu -', 'fargate/memory -']);
  expect(quantities(estimate({ Task: task({ RequiresCompatibilities: ['EC2'] }) }))).toEqual([]);
});

test.each([
  [
    'Windows',
    { Service: service(FARGATE), Task: task({ RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }) },
    /LINUX only/,
  ],
  ['a task definition elsewhere', { Service: service({ ...FARGATE, TaskDefinition: 'arn:aws:ecs:...' }) }, /task definition/],
  ['a cluster elsewhere that decides', { Service: service({ Cluster: 'shared' }), Task: task() }, /cluster/],
])('a service is unpriced with a reason for %s', (_, resources, reason) => {
  const cost = estimate({ Cluster: cluster(), ...(resources as Record<string, TemplateResource>) });
  expect(linesOf(cost, 'Service')).toEqual([]);
  expect(cost.unpriced).toContainEqual(expect.objectContaining({ logicalId: 'Service', reason: expect.stringMatching(reason) as string }));
});

test('managed instances are unpriced, Container Insights left to be declared', () => {
  expect(reasonsOf('AWS::ECS::CapacityProvider', { ManagedInstancesProvider: {} })).toHaveLength(1);
  const insights = cluster({ ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
  expect(quantities(estimate({ Cluster: insights }))).toEqual(['cloudwatch/metric -']);
  expect(quantities(estimate({ Cluster: cluster({ ClusterSettings: [{ Name: 'containerInsights', Value: 'disabled' }] }) }))).toEqual([]);
});
