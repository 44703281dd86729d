/** The SDK's side of the port against a server that answers as AWS does: what the emulator of the end-to-end suite does not know. */
import { DynamoStore } from '../../../../lib/services/capacity-controller/dynamo-store';
import { SdkAws } from '../../../../lib/services/capacity-controller/sdk-aws';
import { AwsServer, xml } from './aws-server';
import { CONFIG, NOON } from './region';

let server: AwsServer;
let answers: AwsServer['answers'];
let asked: AwsServer['asked'];
let aws: SdkAws;
beforeEach(async () => {
  server = await AwsServer.start();
  ({ answers, asked } = server);
  aws = new SdkAws(CONFIG);
});
afterEach(() => server.stop());

test('spot prices: all pages, of each pool the latest', async () => {
  const item = (zone: string, usd: string, time: string): string =>
    `<item><instanceType>g6e.xlarge</instanceType><productDescription>Linux/UNIX</productDescription><spotPrice>${usd}</spotPrice><timestamp>${time}</timestamp><availabilityZone>${zone}</availabilityZone></item>`;
  answers.DescribeSpotPriceHistory = body => xml('DescribeSpotPriceHistory', body.get('NextToken') === 'more'
    ? `<spotPriceHistorySet>${item('us-east-1a', '0.9', '2026-05-13T10:00:00.000Z')}${item('us-east-1b', '1.2', '2026-05-13T10:00:00.000Z')}</spotPriceHistorySet>`
    : `<spotPriceHistorySet>${item('us-east-1a', '0.997', '2026-05-13T11:00:00.000Z')}</spotPriceHistorySet><nextToken>more</nextToken>`);
  expect(await aws.spotPrices(new Date(NOON))).toEqual([
    { type: 'g6e.xlarge', zone: 'us-east-1a', usdPerHour: 0.997 }, { type: 'g6e.xlarge', zone: 'us-east-1b', usdPerHour: 1.2 },
  ]);
  expect(asked).toHaveLength(2);
  expect(Object.fromEntries(asked[0]!.body)).toMatchObject({ 'InstanceType.1': 'g6e.xlarge', 'ProductDescription.1': 'Linux/UNIX', StartTime: '2026-05-13T12:00:00Z' });
});

test('failed launches: neither what succeeded nor a termination', async () => {
  const activity = (id: string, code: string, description: string, message: string): string =>
    `<member><ActivityId>${id}</ActivityId><AutoScalingGroupName>spot</AutoScalingGroupName><Cause>c</Cause><Description>${description}</Description><StatusCode>${code}</StatusCode>`
    + `<StatusMessage>${message}</StatusMessage><StartTime>2026-05-13T11:58:00Z</StartTime><EndTime>2026-05-13T11:59:00Z</EndTime></member>`;
  answers.DescribeScalingActivities = () => xml('DescribeScalingActivities', `<DescribeScalingActivitiesResult><Activities>${[
    activity('1', 'Failed', 'Launching a new EC2 instance.  Status Reason: x', 'Could not launch Spot Instances. UnfulfillableCapacity'),
    activity('2', 'Failed', 'Launching a new EC2 instance', 'MaxSpotInstanceCountExceeded - Max spot instance count exceeded'),
    activity('3', 'Successful', 'Launching a new EC2 instance: i-1', ''), activity('4', 'Failed', 'Terminating EC2 instance: i-2', 'x'),
  ].join('')}</Activities></DescribeScalingActivitiesResult>`);
  expect(await aws.failedLaunches('spot')).toEqual([{ id: '1', quota: false, at: NOON - 60_000 }, { id: '2', quota: true, at: NOON - 60_000 }]);
});

test('groups: what launches, serves and leaves', async () => {
  const instance = (id: string, state: string): string => `<member><InstanceId>${id}</InstanceId><LifecycleState>${state}</LifecycleState><AvailabilityZone>a</AvailabilityZone></member>`;
  answers.DescribeAutoScalingGroups = () => xml('DescribeAutoScalingGroups', '<DescribeAutoScalingGroupsResult><AutoScalingGroups><member>'
    + '<AutoScalingGroupName>spot</AutoScalingGroupName><DesiredCapacity>3</DesiredCapacity><AvailabilityZones><member>a</member></AvailabilityZones><Instances>'
    + ['Pending:Wait', 'InService', 'Terminating:Wait', 'Standby'].map(state => instance(state, state)).join('')
    + '</Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult>');
  expect(Object.fromEntries(await aws.groups(['spot']))).toEqual({ spot: { desired: 3, zones: ['a'], rebalancesZones: true, instances: [
    { id: 'Pending:Wait', lifecycle: 'launching' }, { id: 'InService', lifecycle: 'inService' },
    { id: 'Terminating:Wait', lifecycle: 'leaving' }, { id: 'Standby', lifecycle: 'leaving' },
  ] } });
});

test('groups: whether they still move instances between zones, and an end to it', async () => {
  const suspended = (...processes: string[]): void => {
    answers.DescribeAutoScalingGroups = () => xml('DescribeAutoScalingGroups', '<DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>spot</AutoScalingGroupName>'
      + `<DesiredCapacity>0</DesiredCapacity><SuspendedProcesses>${processes.map(name => `<member><ProcessName>${name}</ProcessName><SuspensionReason>r</SuspensionReason></member>`).join('')}`
      + '</SuspendedProcesses></member></AutoScalingGroups></DescribeAutoScalingGroupsResult>');
  };
  suspended('ReplaceUnhealthy');
  expect((await aws.groups(['spot'])).get('spot')!.rebalancesZones).toBe(true);
  suspended('ReplaceUnhealthy', 'AZRebalance');
  expect((await aws.groups(['spot'])).get('spot')!.rebalancesZones).toBe(false);
  answers.SuspendProcesses = () => xml('SuspendProcesses', '');
  await aws.stopRebalancingZones('spot');
  // No other process: without it, nothing is launched or replaced.
  expect(Object.fromEntries([...asked.at(-1)!.body].filter(([name]) => name.startsWith('ScalingProcesses')))).toEqual({ 'ScalingProcesses.member.1': 'AZRebalance' });
  expect(asked.at(-1)!.body.get('AutoScalingGroupName')).toBe('spot');
});

test('healthy instances: those behind the target group that answer, and no others', async () => {
  const target = (id: string, state: string): string =>
    `<member><Target><Id>${id}</Id><Port>8000</Port></Target><TargetHealth><State>${state}</State></TargetHealth></member>`;
  answers.DescribeTargetHealth = () => xml('DescribeTargetHealth', `<DescribeTargetHealthResult><TargetHealthDescriptions>${
    ['healthy', 'unhealthy', 'initial', 'draining', 'unused', 'unavailable'].map(state => target(`i-${state}`, state)).join('')
  }${target('i-2', 'healthy')}</TargetHealthDescriptions></DescribeTargetHealthResult>`);
  expect([...await aws.healthyInstances()]).toEqual(['i-healthy', 'i-2']);
  expect(asked[0]!.body.get('TargetGroupArn')).toBe('arn:tg');
});

test('sets a size at once, cool-down or not', async () => {
  answers.SetDesiredCapacity = () => xml('SetDesiredCapacity', '');
  await aws.setDesired('spot', 3);
  expect(Object.fromEntries(asked[0]!.body)).toMatchObject({ AutoScalingGroupName: 'spot', DesiredCapacity: '3', HonorCooldown: 'false' });
});

test('container instances by the attribute of the group', async () => {
  answers.ListContainerInstances = () => ({ text: '{"containerInstanceArns":["arn:1","arn:2"]}' });
  answers.DescribeContainerInstances = () => ({ text: JSON.stringify({ containerInstances: [
    { containerInstanceArn: 'arn:1', ec2InstanceId: 'i-1', status: 'ACTIVE' }, { containerInstanceArn: 'arn:2', ec2InstanceId: 'i-2', status: 'DRAINING' },
  ] }) });
  expect([...await aws.containerInstances()]).toEqual([['i-1', { arn: 'arn:1', draining: false }], ['i-2', { arn: 'arn:2', draining: true }]]);
  expect(asked[0]!.body).toMatchObject({ cluster: 'cluster', filter: 'attribute:ai-margin.group == llama' });
});

test('a cluster without any is asked nothing more', async () => {
  answers.ListContainerInstances = () => ({ text: '{"containerInstanceArns":[]}' });
  expect((await aws.containerInstances()).size).toBe(0);
  expect(asked).toHaveLength(1);
});

test('drains ten at once, and a partial failure is a failure', async () => {
  answers.UpdateContainerInstancesState = () => ({ text: JSON.stringify({ containerInstances: [], failures: [{ arn: 'arn:7', reason: 'MISSING' }] }) });
  await expect(aws.drain(Array.from({ length: 12 }, (_, i) => `arn:${i}`))).rejects.toThrow('arn:7: MISSING');
  expect(asked.map(({ body }) => (body.containerInstances as string[]).length)).toEqual([10, 2]);
  expect(asked[0]!.body).toMatchObject({ cluster: 'cluster', status: 'DRAINING' });
});

test('replaces without lowering the desired capacity', async () => {
  answers.TerminateInstanceInAutoScalingGroup = () => xml('TerminateInstanceInAutoScalingGroup', '<TerminateInstanceInAutoScalingGroupResult/>');
  await aws.replace('i-1');
  expect(Object.fromEntries(asked[0]!.body)).toMatchObject({ InstanceId: 'i-1', ShouldDecrementDesiredCapacity: 'false' });
});

test('deploying while an older deployment is there; a service that is not found is no answer', async () => {
  const deployments = (count: number): string => JSON.stringify({ services: [{ deployments: Array.from({ length: count }, () => ({ status: 'ACTIVE' })) }] });
  answers.DescribeServices = () => ({ text: deployments(1) });
  expect(await aws.deploying()).toBe(false);
  answers.DescribeServices = () => ({ text: deployments(2) });
  expect(await aws.deploying()).toBe(true);
  answers.DescribeServices = () => ({ text: '{"services":[],"failures":[{"reason":"MISSING"}]}' });
  await expect(aws.deploying()).rejects.toThrow('MISSING');
});

test('throttling ends after a few attempts', async () => {
  answers.SetDesiredCapacity = () => ({ status: 400, text: '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>' });
  await expect(aws.setDesired('spot', 3)).rejects.toThrow('Rate exceeded');
  expect(asked).toHaveLength(3);
});

describe('a call without an answer', () => {
  /** So that a tick, which makes nine calls one after another at most, ends within the function's 50 s. */
  const DEADLINE = 4_000;
  const calls: Record<string, (aws: SdkAws) => Promise<unknown>> = {
    groups: one => one.groups(['spot']), healthyInstances: one => one.healthyInstances(), containerInstances: one => one.containerInstances(), deploying: one => one.deploying(),
    spotPrices: one => one.spotPrices(new Date(NOON)), failedLaunches: one => one.failedLaunches('spot'), setDesired: one => one.setDesired('spot', 1),
    stopRebalancingZones: one => one.stopRebalancingZones('spot'), drain: one => one.drain(['arn:1']), replace: one => one.replace('i-1'),
    record: () => new DynamoStore('table', 'group').record([]), acquire: () => new DynamoStore('table', 'group').acquire('owner', new Date(NOON)),
  };
  let deadlines: number[];
  beforeEach(() => {
    deadlines = [];
    const inTime = AbortSignal.timeout.bind(AbortSignal);
    // A hundred times as fast.
    jest.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
      deadlines.push(ms);
      return inTime(ms / 100);
    });
    server.hangs = true;
  });
  afterEach(() => jest.restoreAllMocks());

  test.each(Object.keys(calls))('%s ends at its deadline', async name => {
    await expect(calls[name]!(aws)).rejects.toThrow(/abort/i);
    expect(deadlines).toEqual([DEADLINE]);
  });

  test('signals are unknown then', async () => {
    expect(await aws.signals(new Date(NOON))).toEqual({ signals: {}, failures: [expect.stringMatching(/abort/i)] });
    expect(deadlines).toEqual([DEADLINE]);
  });
});
