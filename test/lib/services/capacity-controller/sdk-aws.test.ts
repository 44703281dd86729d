/** The SDK's side of the port against a server that answers as AWS does: what the emulator of the end-to-end suite does not know. */
import { Server, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { SdkAws } from '../../../../lib/services/capacity-controller/sdk-aws';
import { CONFIG, NOON } from './region';

/** What was asked: the action of a form, or the target and document of a JSON request. */
interface Asked { readonly action: string; readonly body: URLSearchParams & Record<string, unknown> }

let server: Server;
let asked: Asked[];
let answers: Record<string, (body: Asked['body']) => { status?: number; text: string }>;
let aws: SdkAws;

beforeEach(async () => {
  asked = [];
  answers = {};
  server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => text += String(chunk)).on('end', () => {
      const target = request.headers['x-amz-target'];
      const body = (target ? JSON.parse(text) : new URLSearchParams(text)) as Asked['body'];
      const action = typeof target === 'string' ? target.split('.').at(-1)! : body.get('Action')!;
      asked.push({ action, body });
      const { status = 200, text: answer } = answers[action]?.(body) ?? { status: 400, text: '{"__type":"InvalidAction"}' };
      response.writeHead(status, { 'content-type': target ? 'application/x-amz-json-1.1' : 'text/xml' }).end(answer);
    });
  });
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
  });
  aws = new SdkAws(CONFIG);
});
afterEach(() => new Promise(resolve => {
  server.close(resolve);
  server.closeAllConnections();
}));

const xml = (root: string, inner: string): { text: string } => ({ text: `<${root}Response xmlns="http://x/">${inner}</${root}Response>` });

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
  expect(Object.fromEntries(await aws.groups(['spot']))).toEqual({ spot: { desired: 3, zones: ['a'], instances: [
    { id: 'Pending:Wait', lifecycle: 'launching' }, { id: 'InService', lifecycle: 'inService' },
    { id: 'Terminating:Wait', lifecycle: 'leaving' }, { id: 'Standby', lifecycle: 'leaving' },
  ] } });
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
