/** What each event tells. */
import { readEvent } from '../../../../lib/services/capacity-controller/events';
import { CONFIG } from './region';

const TIME = '2026-05-13T12:00:00Z';
const at = Date.parse(TIME);
const read = (source: string, type: string, detail: unknown): ReturnType<typeof readEvent> =>
  readEvent({ version: '0', id: '1', source, 'detail-type': type, time: TIME, region: 'us-east-1', resources: [], detail }, CONFIG);
const failed = (AutoScalingGroupName: string, StatusMessage: string): ReturnType<typeof readEvent> =>
  read('aws.autoscaling', 'EC2 Instance Launch Unsuccessful', { ActivityId: 'a', AutoScalingGroupName, StatusMessage, StatusCode: 'Failed' });

test('notices name their instance', () => {
  expect(read('aws.ec2', 'EC2 Spot Instance Interruption Warning', { 'instance-id': 'i-1', 'instance-action': 'terminate' }).facts).toEqual([{ kind: 'interruption', instance: 'i-1', at }]);
  expect(read('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': 'i-1' }).facts).toEqual([{ kind: 'rebalance', instance: 'i-1', at }]);
});

test.each([
  ['Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity due to your request configuration.', false],
  ['We currently do not have sufficient g6e.xlarge capacity in the Availability Zone you requested (us-east-1a).', false],
  ['Request limit exceeded. Launching EC2 instance failed. RequestLimitExceeded', false],
  ['Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded. Launching EC2 instance failed.', true],
  ['You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.', true],
  ['VcpuLimitExceeded', true],
])('a failed launch: %s', (message, quota) => {
  expect(failed('spot', message).facts).toEqual([{ kind: 'launchFailure', group: 'spot', id: 'a', quota, at }]);
  expect(failed('on-demand', message).facts).toMatchObject([{ group: 'onDemand', quota }]);
});

test('of another group it tells nothing, and needs no warning', () => {
  expect(failed('other', 'x')).toEqual({ cause: 'aws.autoscaling EC2 Instance Launch Unsuccessful', facts: [] });
});

test('a schedule and a service action are just a tick', () => {
  expect(read('aws.events', 'Scheduled Event', {})).toEqual({ cause: 'aws.events Scheduled Event', facts: [], scheduledAt: at });
  expect(read('aws.ecs', 'ECS Service Action', { eventName: 'SERVICE_TASK_PLACEMENT_FAILURE' })).toEqual({ cause: 'aws.ecs ECS Service Action', facts: [] });
});

test('every record of a notification counts', () => {
  const sns = (Timestamp: string): unknown => ({ EventSource: 'aws:sns', Sns: { Timestamp } });
  const event = { Records: [sns('2026-05-13T12:00:00.000Z'), sns('2026-05-13T12:01:00.000Z')] };
  expect(readEvent(event, { ...CONFIG, spendCapReplicas: 1 }).facts).toEqual([{ kind: 'spendCap', at }, { kind: 'spendCap', at: at + 60_000 }]);
  expect(readEvent({ Records: [sns('yesterday')] }, CONFIG).warning).toBe('the event has no form this knows');
});
