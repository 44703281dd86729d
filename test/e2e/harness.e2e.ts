/** The harness itself: what the later suites rely on is shown on a stack as small as can be. */
import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, invoke, putEvent } from './harness/aws';
import { Deployed, deploy } from './harness/cdk';
import { useEmulator } from './harness/use-emulator';
import { SmallStack } from './small-stack';

useEmulator();

const notice = (instance: string) => ({
  source: 'aws.ec2',
  detailType: 'EC2 Spot Instance Interruption Warning',
  detail: { 'instance-id': instance, 'instance-action': 'terminate' },
});

let deployed: Deployed;
let small: Readonly<Record<string, string>>;

beforeAll(async () => {
  const app = new App({ outdir: mkdtempSync(join(process.env.E2E_FOLDER!, 'small-')) });
  new SmallStack(app, 'Small');
  deployed = await deploy(app.synth().directory, 'Small');
  small = deployed.outputs.Small!;
});

const desired = async (group: string): Promise<number | undefined> =>
  (await new AutoScaling().describeAutoScalingGroups({ AutoScalingGroupNames: [group] })).AutoScalingGroups?.[0]?.DesiredCapacity;

test('the deploy leaves out what the list names, and puts a placeholder where it was named', () => {
  expect(deployed.removed.map(({ logicalId }) => logicalId)).toEqual(['Address']);
  expect(small.AddressId).toBe('stripped-Address');
});

test('groups without a desired capacity start empty', async () => {
  expect(await desired(small.SpotGroup!)).toBe(0);
  expect(await desired(small.OnDemandGroup!)).toBe(0);
});

test('an interruption notice on the bus runs the Lambda on this Node, which sets the desired capacity', async () => {
  expect(await putEvent(notice('i-1'))).toMatchObject({ FailedEntryCount: 0 });
  await eventually(() => desired(small.OnDemandGroup!), capacity => capacity === 1);
  const { Item } = await new DynamoDB().getItem({ TableName: small.Table, Key: { pk: { S: 'i-1' } } });
  expect(Item).toMatchObject({ source: { S: 'aws.ec2' }, node: { S: process.version } });
});

test('only AWS sends events of an aws. source: a caller is refused, as by AWS', async () => {
  expect(await putEvent(notice('i-2'), 'caller')).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
});

test('a conditional write holds: the second notice of one instance fails, and the capacity stays', async () => {
  expect(await invoke(small.Function!, notice('i-1'))).toMatchObject({ failed: true, answer: { errorMessage: 'The conditional request failed' } });
  expect(await desired(small.OnDemandGroup!)).toBe(1);
});

test('IAM is enforced: what the role of the function does not allow is denied', async () => {
  expect(await invoke(small.Function!, { ...notice('i-3'), group: small.SpotGroup }))
    .toMatchObject({ failed: true, answer: { errorMessage: expect.stringContaining('autoscaling:SetDesiredCapacity') } });
  expect(await desired(small.SpotGroup!)).toBe(0);
});
