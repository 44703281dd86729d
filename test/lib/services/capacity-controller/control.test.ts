/** Whole invocations against a region and a table in memory: throttled, failing, twice at once, with events late, lost or repeated. */
import { ControllerConfig } from '../../../../lib/contracts/capacity-controller';
import { GPU_NAMESPACE, GROUP_DIMENSION, metricsOf } from '../../../../lib/contracts/metrics';
import { Surroundings, control } from '../../../../lib/services/capacity-controller/control';
import { Aws } from '../../../../lib/services/capacity-controller/aws';
import { CONFIG, FakeRegion, FakeStore, NOON } from './region';

const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event', time: '2026-05-13T12:00:00Z', detail: {} };
const onBus = (type: string, detail: unknown, time = '2026-05-13T12:00:00Z'): unknown => ({ source: 'aws.ec2', 'detail-type': type, time, detail });
const interruption = (id: string): unknown => onBus('EC2 Spot Instance Interruption Warning', { 'instance-id': id, 'instance-action': 'terminate' });
const CAP = { Records: [{ EventSource: 'aws:sns', Sns: { Timestamp: '2026-05-13T11:59:00.000Z', Message: 'AWS Budgets' } }] };

interface Logged { readonly level?: string; readonly message?: string; readonly _aws?: unknown; readonly [metric: string]: unknown }

class Bench {
  public readonly region = new FakeRegion();
  public readonly store = new FakeStore();
  public readonly lines: Logged[] = [];
  public config: ControllerConfig = CONFIG;
  private invocations = 0;

  public invoke(event: unknown = SCHEDULED, owner = `request-${this.invocations++}`): Promise<void> {
    return control(event, owner, this.surroundings());
  }

  /** A minute passes before it. */
  public async nextMinute(event: unknown = SCHEDULED): Promise<void> {
    this.region.now += 60_000;
    this.region.settle();
    await this.invoke(event);
  }

  public records(): Logged[] {
    return this.lines.filter(({ _aws }) => _aws);
  }

  public last(): Logged {
    return this.records().at(-1)!;
  }

  public messages(level: string): (string | undefined)[] {
    return this.lines.filter(line => line.level === level).map(({ message }) => message);
  }

  private surroundings(): Surroundings {
    const { region } = this;
    return {
      config: this.config, aws: region, store: this.store, write: line => void this.lines.push(JSON.parse(line) as Logged),
      now: () => new Date(region.now), random: () => 0.5,
      sleep: async ms => {
        region.now += ms;
        await new Promise(resolve => setImmediate(resolve));
      },
    };
  }
}

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
    expect(bench.last()).toMatchObject({ Ticks: 1, FailedActions: method === 'drain' ? 1 : 2, DesiredSpot: 9 });
    bench.region.failing.clear();
    await bench.nextMinute();
    expect({ desired: bench.region.desired(), draining: [...bench.region.draining] }).toEqual({ desired: [9, 7], draining: ['spot-0'] });
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

function latch(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => void (open = resolve));
  return { opened, open };
}

describe('the lease', () => {
  /** Stops the first invocation in the middle of its reads. */
  const holdFirst = (): { go: () => void; held: Promise<void> } => {
    const [gate, held] = [latch(), latch()];
    let first = true;
    bench.region.before = async (method: keyof Aws) => {
      if (method !== 'groups' || !first) return;
      first = false;
      held.open();
      await gate.opened;
    };
    return { go: gate.open, held: held.opened };
  };

  test('of two ticks at once exactly one decides; what the other was told, the next tick knows', async () => {
    const { go, held } = holdFirst();
    const first = bench.invoke();
    await held;
    await bench.invoke(interruption('spot-0'));
    expect(bench.region.calls.filter(call => call.startsWith('groups'))).toEqual([]);
    expect(bench.messages('info')).toEqual(['another invocation decides; what this event told is noted for the next tick']);
    go();
    await first;
    expect(bench.records()).toHaveLength(1);
    expect(bench.store.inbox).toHaveLength(1);
    await bench.invoke();
    expect([...bench.region.draining]).toEqual(['spot-0']);
    expect(bench.store.inbox).toEqual([]);
  });

  test('who waits in time decides after the first', async () => {
    const { go, held } = holdFirst();
    const first = bench.invoke();
    await held;
    const second = bench.invoke(interruption('spot-0'));
    go();
    await Promise.all([first, second]);
    expect(bench.records()).toHaveLength(2);
    expect([...bench.region.draining]).toEqual(['spot-0']);
  });

  test('of one that died is taken over when it ends', async () => {
    bench.store.lease = { owner: 'dead', until: NOON + 60_000 };
    await bench.invoke();
    expect(bench.records()).toHaveLength(0);
    bench.region.now = NOON + 60_001;
    await bench.invoke();
    expect(bench.records()).toHaveLength(1);
  });

  test('lost before the save: nothing is written, the function fails, and the facts stay for the next', async () => {
    bench.region.before = async method => {
      if (method === 'drain') bench.store.lease = { owner: 'another', until: NOON + 60_000 };
    };
    await expect(bench.invoke(interruption('spot-0'))).rejects.toThrow('lost');
    expect(bench.store).toMatchObject({ state: undefined, lease: { owner: 'another' } });
    expect(bench.store.inbox).toHaveLength(1);
    expect(bench.records()).toEqual([]);
  });

  test.each(['record', 'acquire', 'save'] as const)('%s fails: the function fails', async method => {
    bench.store.failing.add(method);
    await expect(bench.invoke(interruption('spot-0'))).rejects.toThrow('ProvisionedThroughputExceeded');
    expect(bench.store.state).toBeUndefined();
    bench.store.failing.clear();
    await bench.invoke(interruption('spot-0'));
    expect(bench.last()).toMatchObject({ Ticks: 1, DesiredOnDemand: 2 });
  });

  test('a release that fails does not hide why the tick failed', async () => {
    bench.store.failing.add('release');
    bench.region.failing.add('groups');
    await expect(bench.invoke()).rejects.toThrow('ThrottlingException: groups');
    expect(bench.messages('warn')).toEqual(['the lease could not be released']);
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
