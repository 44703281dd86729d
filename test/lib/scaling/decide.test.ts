/** Each sentence of the policy, one case at a time. */
import { Decision, decide } from '../../../lib/scaling/decide';
import { Policy } from '../../../lib/scaling/policy';
import { Fact, Seen } from '../../../lib/scaling/seen';
import { NO_STATE, State } from '../../../lib/scaling/state';
import { FALLBACK, MINUTE, NOON, group, replica, replicas, sample, seenAt } from './policies';

const ask = (seen: Seen, { state = NO_STATE, policy = FALLBACK, at = NOON }: { state?: State; policy?: Policy; at?: number } = {}): Decision =>
  decide(policy, state, seen, new Date(at));
const sizes = ({ spotDesired, onDemandDesired }: Decision): unknown[] => [spotDesired, onDemandDesired];
const scaled = (scaling: Partial<Policy['scaling']>): Policy => ({ ...FALLBACK, scaling: { ...FALLBACK.scaling, ...scaling } });
const nothing = group(0, []);
/** Five replicas, demand 5 (160 calls), all spot ready. */
const STEADY = seenAt(NOON, 160, group(4, replicas('s', 4)), group(1, replicas('d', 1)));
const notice = (kind: 'interruption' | 'rebalance', instance: string, at = NOON): Fact => ({ kind, instance, at });
const failed = (but: Partial<Extract<Fact, { kind: 'launchFailure' }>> = {}): Fact => ({ kind: 'launchFailure', group: 'spot', id: 'a1', quota: false, at: NOON, ...but });

describe('demand', () => {
  test('calls over the target, within minimum and maximum', () => {
    expect(sizes(ask(STEADY))).toEqual([4, 1]);
    expect(ask({ ...STEADY, signals: { inFlight: sample(NOON, 161, 5), refused: 0 } }).metrics.Demand).toBe(6);
    expect(ask({ ...STEADY, signals: { inFlight: sample(NOON, 99_999, 5), refused: 0 } }).metrics.Demand).toBe(10);
    expect(ask({ ...STEADY, signals: { inFlight: sample(NOON, 0, 5), callerInFlight: { at: NOON, calls: 200 }, refused: 0 } }).metrics.Demand).toBe(7);
  });

  test('falls only after the hold', () => {
    let { state } = ask(STEADY);
    const at = (minute: number): number => {
      const decision = ask(seenAt(NOON + minute * MINUTE, 0, STEADY.spot!, STEADY.onDemand!), { state, at: NOON + minute * MINUTE });
      ({ state } = decision);
      return decision.metrics.Demand;
    };
    expect([at(1), at(5), at(10), at(11)]).toEqual([5, 5, 5, 1]);
  });

  test('a scheduled floor raises it', () => {
    const policy = { ...FALLBACK, floors: [{ id: 'Noon', minReplicas: 8, cron: '0 12 * * *', timeZone: 'Etc/UTC', durationSeconds: 600 }] };
    expect(ask(STEADY, { policy }).metrics).toMatchObject({ Demand: 8, Floor: 8 });
    expect(ask(STEADY, { policy, at: NOON - 1 }).metrics).toMatchObject({ Demand: 5, Floor: 1 });
  });

  test('unknown calls lower nothing, not even without a memory', () => {
    const stale = { inFlight: sample(NOON - 180_000, 0, 5), refused: 0 };
    for (const signals of [{}, { refused: 0 }, stale]) expect(ask({ ...STEADY, signals }).metrics.Demand).toBe(5);
    for (const signals of [{}, { refused: 0 }, stale]) {
      let { state } = ask(STEADY);
      for (let minute = 1; minute <= 30; minute++) ({ state } = ask({ ...STEADY, signals }, { state, at: NOON + minute * MINUTE }));
      expect(ask({ ...STEADY, signals }, { state, at: NOON + 31 * MINUTE }).metrics.Demand).toBe(5);
    }
    expect(ask({ ...STEADY, signals: { callerInFlight: { at: NOON, calls: 300 }, refused: 0 } }).metrics.Demand).toBe(10);
  });

  test('replicas that did not report are taken to be as busy as those that did; with too few, the calls are unknown', () => {
    const { state } = ask(STEADY, { at: NOON - 10 * MINUTE });
    const reported = (calls: number, reporting: number): Decision =>
      ask({ ...STEADY, signals: { inFlight: sample(NOON, calls, reporting), refused: 0 } }, { state: { ...state, load: [{ value: 0, at: NOON }] } });
    expect(reported(120, 3).metrics.Demand).toBe(7); // 120 / 3 x 5 = 200
    expect(reported(100, 2.5).metrics.Demand).toBe(7);
    // Those recorded are there, whatever the others have.
    expect(reported(96, 2.4)).toMatchObject({ metrics: { Demand: 3 }, blind: true });
    expect(reported(0, 0)).toMatchObject({ metrics: { Demand: 1 }, blind: true });
    // One more was there than is now.
    expect(reported(220, 6).metrics.Demand).toBe(7);
  });

  test('a replica that became healthy within the minute was not to report all of it', () => {
    const before = ask(seenAt(NOON, 160, group(4, replicas('s', 4)), group(1, [])), { at: NOON - 10 * MINUTE }).state;
    const grown = (healthyAt: number): number | undefined => {
      const { state } = ask(STEADY, { state: before, at: healthyAt });
      return ask({ ...STEADY, signals: { inFlight: sample(NOON, 128, 4), refused: 0 } }, { state: { ...state, load: [{ value: 0, at: NOON }] } }).metrics.Demand;
    };
    expect(grown(NOON - MINUTE)).toBe(5);
    expect(grown(NOON - MINUTE + 1)).toBe(4);
  });

  test('one unknown minute does not keep a peak for ever: it falls after the hold and as many minutes as were unknown', () => {
    let { state } = ask(STEADY);
    const demands = Array.from({ length: 30 }, (_, i) => {
      const at = NOON + (i + 1) * MINUTE;
      const seen = seenAt(at, 32, STEADY.spot!, STEADY.onDemand!);
      const decision = ask((i + 1) % 7 === 3 ? { ...seen, signals: { refused: 0 } } : seen, { state, at });
      ({ state } = decision);
      return decision.metrics.Demand;
    });
    // The hold of ten minutes, and the third and the tenth minute.
    expect(demands.indexOf(1)).toBe(12);
    expect(new Set(demands.slice(12))).toEqual(new Set([1]));
  });

  test('it is blind where a replica has been ready for long enough to report, and none did', () => {
    const silent = { ...STEADY, signals: { refused: 0 } };
    const { state, blind } = ask(silent);
    expect(blind).toBe(false);
    expect(ask(silent, { state, at: NOON + 3 * MINUTE - 1 }).blind).toBe(false);
    expect(ask(silent, { state, at: NOON + 3 * MINUTE }).blind).toBe(true);
    expect(ask({ ...STEADY, signals: { inFlight: sample(NOON, 0, 5) } }, { state, at: NOON + 3 * MINUTE - 1 }).blind).toBe(false);
    const none = seenAt(NOON, 0, group(4, []), group(1, []));
    expect(ask(none, { state, at: NOON + 3 * MINUTE }).blind).toBe(false);
  });

  test('unknown refusals with no replica lower nothing either, and wake nobody', () => {
    const { state } = ask(STEADY);
    const lost = { ...seenAt(NOON, 0, group(4, []), group(1, [])), signals: {} };
    expect(ask(lost, { state, at: NOON + 30 * MINUTE }).metrics.Demand).toBe(5);
    expect(ask({ ...lost, spot: nothing, onDemand: nothing }, { policy: scaled({ minReplicas: 0 }) }).metrics.Demand).toBe(0);
  });

  test('from zero, refused calls or a caller wake one replica; nobody, none', () => {
    const policy = scaled({ minReplicas: 0 });
    expect(ask(seenAt(NOON, 0, nothing, nothing), { policy }).metrics.Demand).toBe(0);
    expect(ask({ ...seenAt(NOON, 0, nothing, nothing), signals: { refused: 0 } }, { policy }).metrics.Demand).toBe(0);
    expect(sizes(ask({ ...seenAt(NOON, 0, nothing, nothing), signals: { refused: 2 } }, { policy }))).toEqual([0, 1]);
    expect(sizes(ask({ ...seenAt(NOON, 0, nothing, nothing), signals: { callerInFlight: { at: NOON, calls: 0.2 }, refused: 0 } }, { policy }))).toEqual([0, 1]);
    // With a replica ready, a refused call says nothing about capacity.
    expect(ask({ ...seenAt(NOON, 0, nothing, group(0, replicas('d', 1))), signals: { inFlight: sample(NOON, 0, 1), refused: 9 } }, { policy, state: idle() }).metrics.Demand).toBe(0);
  });

  test('when every replica is lost, refused calls keep what was wanted', () => {
    const { state } = ask(STEADY);
    const lost = { ...seenAt(NOON, 0, group(4, []), group(1, [])), signals: { refused: 50 } };
    expect(ask(lost, { state, at: NOON + 30 * MINUTE }).metrics.Demand).toBe(5);
  });

  test('a rolling update needs a second replica, where two are allowed', () => {
    const one = seenAt(NOON, 0, nothing, group(1, replicas('d', 1)), { deploying: true });
    expect(sizes(ask(one))).toEqual([1, 2]);
    expect(ask(one, { policy: scaled({ maxReplicas: 1 }) }).metrics.Demand).toBe(1);
    expect(ask({ ...one, deploying: undefined }).metrics.Demand).toBe(1);
    for (const [spendCapReplicas, demand] of [[1, 2], [0, 0]] as const) {
      const capped = ask({ ...one, facts: [{ kind: 'spendCap', at: NOON }] }, { policy: { ...FALLBACK, spendCapReplicas } });
      expect(capped.metrics).toMatchObject({ Demand: demand, Maximum: spendCapReplicas });
    }
    expect(ask(seenAt(NOON, 0, nothing, nothing, { deploying: true }), { policy: scaled({ minReplicas: 0 }) }).metrics.Demand).toBe(0);
  });

  test('a spend cap holds to the end of the month of its notification', () => {
    const policy = { ...FALLBACK, spendCapReplicas: 2 };
    const capped = ask({ ...STEADY, facts: [{ kind: 'spendCap', at: NOON }] }, { policy });
    expect(capped.metrics).toMatchObject({ Demand: 2, Maximum: 2 });
    const june = Date.UTC(2026, 5, 1);
    expect(ask(seenAt(june, 160, STEADY.spot!, STEADY.onDemand!), { policy, state: capped.state, at: june - 1 }).metrics.Maximum).toBe(2);
    expect(ask(seenAt(june, 160, STEADY.spot!, STEADY.onDemand!), { policy, state: capped.state, at: june }).metrics.Maximum).toBe(10);
    expect(ask(seenAt(june, 160, STEADY.spot!, STEADY.onDemand!, { facts: [{ kind: 'spendCap', at: june - 1 }] }), { policy, at: june }).metrics.Maximum).toBe(10);
    expect(ask({ ...STEADY, facts: [{ kind: 'spendCap', at: NOON }] }).metrics.Maximum).toBe(10); // none declared
  });
});

describe('on demand', () => {
  test('stands in at once for spot that is not ready: launching, unhealthy, draining, leaving or noticed', () => {
    const [first, ...others] = replicas('s', 4);
    for (const but of [{ lifecycle: 'launching' }, { healthy: false }, { draining: true }, { lifecycle: 'leaving' }] as const) {
      expect(sizes(ask({ ...STEADY, spot: group(4, [{ ...first!, ...but }, ...others]) }))).toEqual([4, 2]);
    }
    for (const kind of ['interruption', 'rebalance'] as const) expect(sizes(ask({ ...STEADY, facts: [notice(kind, 's0')] }))).toEqual([4, 2]);
    expect(sizes(ask({ ...STEADY, spot: group(4, []) }))).toEqual([4, 5]);
  });

  test('goes only after spot has been ready for the hold, but never stays above demand', () => {
    const at = (minute: number): number => NOON + minute * MINUTE;
    let { state } = ask({ ...STEADY, spot: group(4, []) });
    const later = (minute: number, calls = 160): number | undefined => {
      const decision = ask(seenAt(at(minute), calls, STEADY.spot!, group(5, replicas('d', 5))), { state, at: at(minute) });
      ({ state } = decision);
      return decision.onDemandDesired;
    };
    expect([later(1), later(8), later(15), later(16)]).toEqual([5, 5, 5, 1]);
    ({ state } = ask({ ...STEADY, spot: group(4, []) }));
    expect([later(1, 64), later(11, 64)]).toEqual([5, 2]);
  });

  test('alone carries the whole demand, and spot alone has none', () => {
    const onDemand: Policy = { ...FALLBACK, purchase: { kind: 'onDemand' } };
    expect(sizes(ask({ ...STEADY, spot: undefined }, { policy: onDemand, state: ask(STEADY).state }))).toEqual([undefined, 5]);
    const spotOnly: Policy = { ...FALLBACK, purchase: { kind: 'spotOnly', reason: 'batch work' } };
    const decision = ask({ ...STEADY, spot: nothing, onDemand: undefined, facts: [failed({ quota: true })], spotPrices: [{ type: 'g6e.xlarge', zone: 'a', usdPerHour: 9 }] }, { policy: spotOnly });
    expect(sizes(decision)).toEqual([5, undefined]);
  });
});

describe('spot', () => {
  const more = seenAt(NOON, 320, group(4, replicas('s', 4)), group(1, replicas('d', 1)));

  test('grows to demand without the base', () => expect(sizes(ask(more))).toEqual([9, 6]));

  test('is not bought above its share of the on-demand price, and what runs stays', () => {
    const at = (...usd: number[]): number | undefined => ask({ ...more, spotPrices: usd.map((usdPerHour, i) => ({ type: 'g6e.xlarge', zone: String(i), usdPerHour })) }).spotDesired;
    expect(at(1.4)).toBe(9);
    expect(at(1.49)).toBe(4);
    expect(at(1.49, 1.4)).toBe(9);
    expect(at()).toBe(9);
    expect(ask({ ...more, spotPrices: [{ type: 'g6e.xlarge', zone: 'a', usdPerHour: 9 }] }, { policy: { ...FALLBACK, instances: [{ type: 'g6e.xlarge', onDemandUsdPerHour: null }] } }).spotDesired).toBe(9);
  });

  test('prices are remembered for a while, then unknown', () => {
    const { state } = ask({ ...more, spotPrices: [{ type: 'g6e.xlarge', zone: 'a', usdPerHour: 1.8 }] });
    expect(ask(more, { state, at: NOON + 14 * MINUTE }).spotDesired).toBe(4);
    expect(ask(more, { state, at: NOON + 15 * MINUTE }).spotDesired).toBe(9);
  });

  test('is not bought while cooling down, and what runs stays until it is gone', () => {
    expect(sizes(ask({ ...more, facts: [failed()] }))).toEqual([4, 6]);
    expect(ask({ ...more, facts: [failed({ at: NOON - 5 * MINUTE })] }).spotDesired).toBe(9);
    expect(ask({ ...more, facts: [failed({ group: 'onDemand' })] }).spotDesired).toBe(9);
    expect(ask({ ...more, facts: [failed({ quota: true, at: NOON - 29 * MINUTE })] }).spotDesired).toBe(4);
    // To shrink by the noticed one would let the group stop a ready one in its place.
    expect(ask({ ...more, facts: [failed(), notice('interruption', 's0')] }).spotDesired).toBe(4);
    expect(ask({ ...more, spot: group(4, replicas('s', 3)), facts: [failed()] }).spotDesired).toBe(3);
    // One that launches is bought already.
    expect(ask({ ...more, spot: group(5, [...replicas('s', 4), replica('new', { lifecycle: 'launching' }), replica('old', { lifecycle: 'leaving' })]), facts: [failed()] }).spotDesired).toBe(5);
    // Less demand still lowers it.
    expect(ask({ ...STEADY, signals: { inFlight: sample(NOON, 64, 5), refused: 0 }, facts: [failed()] }, { state: idle() }).spotDesired).toBe(1);
  });

  test('a launch that failed is counted once, told by the event, the activity and again', () => {
    const first = ask({ ...more, facts: [failed(), failed(), failed({ group: 'onDemand', id: 'a2' })] });
    expect(first.metrics).toMatchObject({ SpotLaunchFailures: 1, OnDemandLaunchFailures: 1 });
    expect(ask({ ...more, facts: [failed()] }, { state: first.state, at: NOON + MINUTE }).metrics.SpotLaunchFailures).toBe(0);
  });
});

describe('notices', () => {
  test('interrupted: drained until it drains', () => {
    const told = ask({ ...STEADY, facts: [notice('interruption', 's1'), notice('interruption', 'of-another-group')] });
    expect(told.drain).toEqual(['s1']);
    expect(Object.keys(told.state.notices)).toEqual(['s1']);
    expect(ask(STEADY, { state: told.state }).drain).toEqual(['s1']);
    const draining = { ...STEADY, spot: group(4, [replica('s1', { draining: true })]) };
    expect(ask(draining, { state: told.state }).drain).toEqual([]);
    expect(ask({ ...STEADY, spot: group(4, [replica('s0')]) }, { state: told.state }).state.notices).toEqual({});
  });

  test('recommended: replaced one at a time, once the rest covers demand and more spot may be bought', () => {
    const facts = [notice('rebalance', 's2', NOON - 1), notice('rebalance', 's1')];
    expect(ask({ ...STEADY, facts }).retire).toEqual([]);
    const covered = { ...STEADY, facts, onDemand: group(3, replicas('d', 3)) };
    const state = idle();
    expect(ask(covered, { state })).toMatchObject({ retire: ['s2'], drain: [] });
    expect(ask({ ...covered, facts: [...facts, failed()] }, { state }).retire).toEqual([]);
    expect(ask({ ...covered, facts: [...facts, notice('interruption', 's2')] }, { state })).toMatchObject({ retire: ['s1'], drain: ['s2'] });
    // The group already stops one.
    expect(ask({ ...covered, signals: { inFlight: sample(NOON, 64, 5), refused: 0 } }, { state }).retire).toEqual([]);
  });

  test('are forgotten after two hours', () => {
    const { state } = ask({ ...STEADY, facts: [notice('rebalance', 's1')] });
    expect(ask(STEADY, { state, at: NOON + 119 * MINUTE }).metrics.ReadySpot).toBe(3);
    expect(ask(STEADY, { state, at: NOON + 120 * MINUTE }).metrics.ReadySpot).toBe(4);
  });
});

test('unhealthy: past the cold start, without a notice', () => {
  const sick = { ...STEADY, spot: group(2, [replica('s0', { healthy: false }), replica('s1', { healthy: false })]), facts: [notice('rebalance', 's1')] };
  const { state, metrics } = ask(sick);
  expect(metrics.Unhealthy).toBe(0);
  expect(ask(sick, { state, at: NOON + 300_000 }).metrics.Unhealthy).toBe(0);
  expect(ask(sick, { state, at: NOON + 300_001 }).metrics.Unhealthy).toBe(1);
  // A new version stops replicas and starts them.
  expect(ask({ ...sick, deploying: true }, { state, at: NOON + 300_001 }).metrics.Unhealthy).toBe(0);
});

describe('a replica that does not become healthy', () => {
  /** A cold start and a quarter of an hour. */
  const HOPELESS = NOON + 1_200_001;
  const dead = replica('s0', { healthy: false });
  const sick = { ...STEADY, spot: group(4, [dead, ...replicas('s', 4).slice(1)]), facts: [] };
  const { state } = ask(sick);
  const retired = (seen: Seen, but: { state?: State; at?: number } = {}): readonly string[] => ask(seen, { state, at: HOPELESS, ...but }).retire;

  test('is replaced a quarter of an hour after its start-up time, of either group', () => {
    expect(retired(sick, { at: HOPELESS - 1 })).toEqual([]);
    expect(retired(sick)).toEqual(['s0']);
    const onDemand = { ...STEADY, onDemand: group(2, [replica('d0', { healthy: false }), replica('d1')]) };
    expect(retired(onDemand, { state: ask(onDemand).state })).toEqual(['d0']);
    // Whether or not more spot is bought, it is of no use.
    expect(retired({ ...sick, facts: [failed({ at: HOPELESS })] })).toEqual(['s0']);
  });

  test('and so is one that has been sick for as long, but not one that was well in between', () => {
    const well = ask(STEADY, { state, at: NOON + 10 * MINUTE }).state;
    const again = ask(sick, { state: well, at: NOON + 11 * MINUTE }).state;
    expect(retired(sick, { state: again })).toEqual([]);
    expect(retired(sick, { state: again, at: HOPELESS + 11 * MINUTE })).toEqual(['s0']);
  });

  test('stays while a version is deployed or that is unknown, with a notice, in a group that shrinks, and while it launches', () => {
    for (const deploying of [true, undefined]) expect(retired({ ...sick, deploying })).toEqual([]);
    expect(retired({ ...sick, facts: [notice('interruption', 's0', HOPELESS)] })).toEqual([]);
    expect(retired({ ...sick, signals: { inFlight: sample(HOPELESS, 64, 5), refused: 0 } }, { state: { ...state, load: [{ value: 0, at: HOPELESS }] } })).toEqual([]);
    const launching = { ...sick, spot: group(4, [{ ...dead, lifecycle: 'launching' as const }, ...replicas('s', 4).slice(1)]) };
    expect(retired(launching)).toEqual([]);
  });

  test('waits for one that is at risk, and goes before it where that one must wait', () => {
    const atRisk = { ...sick, facts: [notice('rebalance', 's1', HOPELESS)] };
    expect(retired(atRisk)).toEqual(['s0']);
    expect(retired({ ...atRisk, onDemand: group(3, replicas('d', 3)) })).toEqual(['s1']);
    const twice = { ...STEADY, spot: group(4, replicas('s', 4).map(one => ({ ...one, healthy: false }))) };
    expect(retired(twice, { state: ask(twice).state })).toHaveLength(1);
  });
});

test('says why a size changes, and nothing where none does', () => {
  expect(ask(STEADY).reasons).toEqual([]);
  expect(ask({ ...STEADY, spot: group(4, replicas('s', 3)), facts: [failed()] }).reasons).toEqual([
    'spot 4 -> 3: demand 5, load 5, floor 1, limit 10, 3 spot ready, no more spot until 2026-05-13T12:05:00.000Z, as launches failed',
    'on demand 1 -> 2: demand 5, load 5, floor 1, limit 10, 3 spot ready, no more spot until 2026-05-13T12:05:00.000Z, as launches failed',
  ]);
});

/** A memory of an idle hour. */
function idle(): State {
  return { ...NO_STATE, load: [{ value: 0, at: NOON }], shortfall: [{ value: 0, at: NOON }] };
}
