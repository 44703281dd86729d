/** Two invocations at once, and one that dies or loses its lease: exactly one decides, and no fact is lost. */
import { Aws } from '../../../../lib/services/capacity-controller/aws';
import { Bench, interruption } from './bench';
import { NOON } from './region';

let bench: Bench;
beforeEach(() => void (bench = new Bench()));

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

  test('of one request that Lambda delivers twice at once, one decides', async () => {
    const { go, held } = holdFirst();
    const first = bench.invoke(interruption('spot-0'), 'request');
    await held;
    await bench.invoke(interruption('spot-0'), 'request');
    expect(bench.region.calls.filter(call => call.startsWith('groups'))).toEqual([]);
    go();
    await first;
    expect(bench.records()).toHaveLength(1);
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
