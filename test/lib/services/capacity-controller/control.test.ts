/** Whole invocations against a region and a table in memory: throttled, failing, with events late, lost or repeated. */
import { GPU_NAMESPACE, GROUP_DIMENSION, metricsOf } from '../../../../lib/contracts/metrics';
import { Bench, CAP, interruption, onBus } from './bench';
import { CONFIG, NOON } from './region';

let bench: Bench;
beforeEach(() => void (bench = new Bench()));
/** Shown by the invocation that follows, so nothing else is disturbed. */
const quiet = async (): Promise<void> => {
  await bench.invoke();
  bench.region.calls.length = 0;
  bench.lines.length = 0;
};

describe('a tick', () => {
  test('changes nothing where nothing is to be changed, and says so in one record with every metric', async () => {
    await bench.invoke();
    expect(bench.region.calls.filter(call => /^(setDesired|drain|replace)/.test(call))).toEqual([]);
    expect(bench.lines).toHaveLength(1);
    expect(bench.last()).toMatchObject({
      [GROUP_DIMENSION]: 'Stack/Llama', Ticks: 1, Demand: 5, Floor: 1, Maximum: 10, ReadySpot: 4, ReadyOnDemand: 1, DesiredSpot: 4, DesiredOnDemand: 1,
      Unhealthy: 0, SpotLaunchFailures: 0, OnDemandLaunchFailures: 0, FailedActions: 0,
      _aws: { Timestamp: NOON, CloudWatchMetrics: [{ Namespace: GPU_NAMESPACE, Dimensions: [[GROUP_DIMENSION]] }] },
    });
    expect(Object.keys(bench.last())).toEqual(expect.arrayContaining(metricsOf('capacity-controller')));
  });

  test('drains first, then raises, then lowers', async () => {
    await quiet();
    bench.region.autoScaling.spot!.desired = 6;
    bench.region.settle();
    for (const id of bench.region.autoScaling.spot!.instances.slice(0, 3)) bench.region.unhealthy.add(id);
    await bench.invoke(interruption('spot-0'));
    expect(bench.region.calls.filter(call => /^(setDesired|drain)/.test(call))).toEqual(['drain arn:spot-0', 'setDesired on-demand 2', 'setDesired spot 4']);
  });

  test('replaces an instance at risk once the rest covers the demand', async () => {
    await quiet();
    await bench.nextMinute(onBus('EC2 Instance Rebalance Recommendation', { 'instance-id': 'spot-1' }));
    expect(bench.region.desired()).toEqual([4, 2]);
    expect(bench.region.calls).not.toContain('replace spot-1');
    await bench.nextMinute();
    expect(bench.region.calls).toContain('replace spot-1');
    await bench.nextMinute();
    expect(bench.last()).toMatchObject({ ReadySpot: 4, FailedActions: 0 });
  });

  test('reads prices every five minutes, only of the zones of the group', async () => {
    bench.region.prices = [{ type: 'g6e.xlarge', zone: 'elsewhere', usdPerHour: 0.5 }, { type: 'g6e.xlarge', zone: 'b', usdPerHour: 1.8 }];
    bench.region.inFlight = 320;
    for (let minute = 0; minute < 6; minute++) await bench.nextMinute();
    expect(bench.region.calls.filter(call => call === 'spotPrices')).toHaveLength(2);
    expect(bench.region.desired()).toEqual([4, 6]);
  });

  test('stops groups from moving instances between zones, once', async () => {
    bench.region.rebalancing.add('spot').add('on-demand');
    bench.region.failing.add('stopRebalancingZones');
    await bench.invoke();
    expect(bench.last()).toMatchObject({ Ticks: 1, FailedActions: 2 });
    bench.region.failing.clear();
    bench.region.calls.length = 0;
    await bench.nextMinute();
    await bench.nextMinute();
    expect(bench.region.calls.filter(call => call.startsWith('stop'))).toEqual(['stopRebalancingZones spot', 'stopRebalancingZones on-demand']);
    expect(bench.last().FailedActions).toBe(0);
  });

  test('an instance that never registered is not drained, and the next tick looks again', async () => {
    bench.region.unregistered.add('spot-0');
    await bench.invoke(interruption('spot-0'));
    expect(bench.last().FailedActions).toBe(0);
    expect(bench.region.calls).not.toContain('drain ');
    bench.region.unregistered.clear();
    await bench.nextMinute();
    expect([...bench.region.draining]).toEqual(['spot-0']);
  });
});

describe('faults', () => {
  test.each(['containerInstances', 'deploying', 'signals', 'spotPrices'] as const)('without %s it decides all the same, and counts it', async method => {
    bench.region.failing.add(method);
    await bench.invoke();
    expect(bench.last()).toMatchObject({ Ticks: 1, FailedActions: 1, DesiredSpot: 4, DesiredOnDemand: 1 });
    expect(bench.messages('warn')).toHaveLength(1);
  });

  test('without the activities of both groups too', async () => {
    bench.region.failing.add('failedLaunches');
    await bench.invoke();
    expect(bench.last()).toMatchObject({ Ticks: 1, FailedActions: 2 });
  });

  test.each(['groups', 'healthyInstances'] as const)('without %s it changes nothing, counts no tick, fails, and leaves the lease to the next', async method => {
    bench.region.failing.add(method);
    bench.region.inFlight = 320;
    await expect(bench.invoke(interruption('spot-0'))).rejects.toThrow('ThrottlingException');
    expect(bench.region.calls.filter(call => /^(setDesired|drain|replace)/.test(call))).toEqual([]);
    expect(bench.records()).toEqual([]);
    expect(bench.messages('error')).toHaveLength(1);
    bench.region.failing.clear();
    await bench.invoke();
    expect([...bench.region.draining]).toEqual(['spot-0']);
    expect(bench.region.desired()).toEqual([9, 7]);
  });

  test('a group that is not there fails the tick', async () => {
    bench.config = { ...CONFIG, spotGroup: 'gone' };
    await expect(bench.invoke()).rejects.toThrow('the Auto Scaling group gone was not found');
  });

  test.each(['setDesired', 'drain'] as const)('%s fails: counted, logged, the others are still done, and the next tick repairs', async method => {
    bench.region.failing.add(method);
    bench.region.inFlight = 320;
    await bench.invoke(interruption('spot-0'));
    const others = method === 'drain' ? { desired: [9, 7], draining: [] } : { desired: [4, 1], draining: ['spot-0'] };
    expect({ desired: bench.region.desired(), draining: [...bench.region.draining] }).toEqual(others);
    expect(bench.last()).toMatchObject({ Ticks: 1, FailedActions: method === 'drain' ? 1 : 2, DesiredSpot: others.desired[0], DesiredOnDemand: others.desired[1] });
    bench.region.failing.clear();
    await bench.nextMinute();
    expect({ desired: bench.region.desired(), draining: [...bench.region.draining] }).toEqual({ desired: [9, 7], draining: ['spot-0'] });
    expect(bench.last()).toMatchObject({ DesiredSpot: 9, DesiredOnDemand: 7 });
  });

  test('what was to be lowered and was not is told as it is: it costs what it costs', async () => {
    await quiet();
    bench.region.autoScaling.spot!.desired = 6;
    bench.region.settle();
    bench.region.failing.add('setDesired');
    await bench.invoke();
    expect(bench.last()).toMatchObject({ FailedActions: 1, DesiredSpot: 6, DesiredOnDemand: 1 });
    bench.region.failing.clear();
    await bench.invoke();
    expect(bench.last()).toMatchObject({ FailedActions: 0, DesiredSpot: 4, DesiredOnDemand: 1 });
  });

  test('a controller that sees no load alarms: one failure each tick, once replicas have had the time to report', async () => {
    await quiet();
    bench.region.inFlight = undefined;
    const failures: unknown[] = [];
    for (let minute = 1; minute <= 4; minute++) {
      await bench.nextMinute();
      failures.push(bench.last().FailedActions);
    }
    expect(failures).toEqual([0, 0, 1, 1]);
    expect(bench.messages('warn')).toEqual(Array(2).fill('no fresh count of the calls in flight was found, though replicas serve'));
    expect(bench.region.desired()).toEqual([4, 1]);
  });

  test('a metric that cannot be read is counted, and the others are used', async () => {
    bench.region.refused = undefined;
    bench.region.inFlight = 320;
    await bench.invoke();
    expect(bench.last()).toMatchObject({ Demand: 10, FailedActions: 1 });
    expect(bench.lines.find(({ level }) => level === 'warn')).toMatchObject({ message: 'failed to read a metric', error: expect.stringContaining('the query refused') });
  });

  test('a replica that never answers is replaced, and the failure to do so is repaired', async () => {
    bench.region.unhealthy.add('spot-1');
    bench.region.failing.add('replace');
    for (let minute = 0; minute < 22; minute++) await bench.nextMinute();
    expect(bench.last()).toMatchObject({ FailedActions: 1, Unhealthy: 1, ReadySpot: 3 });
    bench.region.failing.clear();
    await bench.nextMinute();
    await bench.nextMinute();
    expect(bench.region.autoScaling.spot!.instances).toHaveLength(4);
    expect(bench.region.autoScaling.spot!.instances).not.toContain('spot-1');
    expect(bench.last()).toMatchObject({ ReadySpot: 4, FailedActions: 0 });
  });

  test('replace fails: tried again', async () => {
    await quiet();
    bench.region.failing.add('replace');
    await bench.nextMinute(onBus('EC2 Instance Rebalance Recommendation', { 'instance-id': 'spot-1' }));
    await bench.nextMinute();
    expect(bench.last().FailedActions).toBe(1);
    bench.region.failing.clear();
    await bench.nextMinute();
    expect(bench.region.autoScaling.spot!.instances).not.toContain('spot-1');
  });

  test('neither spot nor on demand to be had: it keeps asking, counts failures, and is whole once there is capacity', async () => {
    await quiet();
    for (const group of Object.values(bench.region.autoScaling)) Object.assign(group, { free: 0, instances: [] });
    bench.region.inFlight = undefined;
    bench.region.refused = 20;
    for (let minute = 0; minute < 30; minute++) await bench.nextMinute();
    expect(bench.region.desired()).toEqual([0, 5]);
    expect(bench.last()).toMatchObject({ Demand: 5, ReadyOnDemand: 0, OnDemandLaunchFailures: 1 });
    for (const group of Object.values(bench.region.autoScaling)) group.free = 10;
    bench.region.inFlight = 160;
    for (let minute = 0; minute < 60; minute++) await bench.nextMinute();
    expect(bench.last()).toMatchObject({ ReadySpot: 4, ReadyOnDemand: 1, DesiredSpot: 4, DesiredOnDemand: 1 });
  });

  test('a failed launch known only from the activities cools down as one told by an event does', async () => {
    const [polled, event] = [bench, new Bench()];
    polled.region.autoScaling.spot!.free = 4;
    polled.region.inFlight = event.region.inFlight = 320;
    await polled.invoke();
    await polled.nextMinute();
    expect(polled.region.desired()).toEqual([4, 6]);
    expect(polled.last().SpotLaunchFailures).toBe(1);
    await event.invoke({
      source: 'aws.autoscaling', 'detail-type': 'EC2 Instance Launch Unsuccessful', time: '2026-05-13T12:00:00Z',
      detail: { ActivityId: 'a', AutoScalingGroupName: 'spot', StatusCode: 'Failed', StatusMessage: 'Could not launch Spot Instances. UnfulfillableCapacity' },
    });
    expect(event.region.desired()).toEqual([4, 6]);
    expect(event.last().SpotLaunchFailures).toBe(1);
  });

  test('an event of unknown form is a tick with a warning', async () => {
    for (const event of ['text', null, 42, {}, onBus('unheard of', {}), interruption('')]) await bench.invoke(event);
    expect(bench.messages('warn')).toHaveLength(6);
    expect(bench.records()).toHaveLength(6);
  });
});

describe('events', () => {
  test('a lost interruption is healed by the next tick', async () => {
    await quiet();
    bench.region.take('spot-0');
    await bench.invoke();
    expect(bench.region.desired()).toEqual([4, 2]);
  });

  test('told twice, or after the instance is gone, it changes nothing', async () => {
    await bench.invoke(interruption('spot-0'));
    expect(bench.region.desired()).toEqual([4, 2]);
    bench.region.calls.length = 0;
    await bench.invoke(interruption('spot-0'));
    bench.region.take('spot-0');
    bench.region.settle();
    await bench.invoke(interruption('spot-0'));
    expect(bench.region.calls.filter(call => /^(setDesired|drain)/.test(call))).toEqual([]);
    expect(bench.store.inbox).toEqual([]);
    expect(bench.last()).toMatchObject({ ReadySpot: 4 });
  });

  test('a spend cap holds from its notification to the end of the month', async () => {
    bench.config = { ...CONFIG, spendCapReplicas: 2 };
    await bench.invoke(CAP);
    expect(bench.last()).toMatchObject({ Demand: 2, Maximum: 2 });
    expect(bench.region.desired()).toEqual([1, 1]);
    bench.region.now = Date.UTC(2026, 5, 1) - 60_001;
    await bench.nextMinute();
    expect(bench.last().Maximum).toBe(2);
    await bench.nextMinute();
    expect(bench.last().Maximum).toBe(10);
  });

  test('of minutes that piled up, those long past decide nothing; what a late event tells is noted', async () => {
    await bench.invoke(bench.schedule(120_001));
    expect(bench.region.calls).toEqual([]);
    expect(bench.records()).toEqual([]);
    await bench.invoke(bench.schedule(120_000));
    expect(bench.records()).toHaveLength(1);
    bench.region.now += 60 * 60_000;
    await bench.invoke(interruption('spot-0'));
    expect([...bench.region.draining]).toEqual(['spot-0']);
  });

  test('a spend cap outlives a state that another version wrote, or of which a part broke', async () => {
    bench.config = { ...CONFIG, spendCapReplicas: 2 };
    await bench.invoke(CAP);
    const state = JSON.parse(bench.store.state!) as Record<string, unknown>;
    bench.store.state = JSON.stringify({ ...state, unheardOf: 1 });
    await bench.nextMinute();
    expect(bench.last().Maximum).toBe(2);
    expect(bench.messages('warn')).toEqual([]);
    bench.store.state = JSON.stringify({ ...state, cooldown: 'a while' });
    await bench.nextMinute();
    expect(bench.last().Maximum).toBe(2);
    expect(bench.messages('warn')).toEqual(['what cannot be read of the state starts anew']);
  });

  test('a spend cap that nobody declared warns', async () => {
    await bench.invoke(CAP);
    expect(bench.messages('warn')).toEqual(['a spend cap was notified, and the group declares none']);
    expect(bench.last().Maximum).toBe(10);
  });

  test('more facts than fit at once are taken in turn', async () => {
    bench.store.inbox = Array.from({ length: 150 }, (_, i) => JSON.stringify({ kind: 'interruption', instance: `i-${i}`, at: NOON }));
    await bench.invoke();
    expect(bench.store.inbox).toHaveLength(50);
    await bench.invoke();
    expect(bench.store.inbox).toHaveLength(0);
  });
});

test.each(['not json', '{"load":7}', 'null'])('a state that reads %s starts anew with a warning, and stops nothing that runs', async state => {
  bench.store.state = state;
  bench.store.inbox = ['{"kind":"unheard of"}'];
  bench.region.inFlight = 0;
  await bench.invoke();
  expect(bench.messages('warn')).toHaveLength(2);
  expect(bench.region.desired()).toEqual([4, 1]);
  expect(bench.store.inbox).toEqual([]);
});
