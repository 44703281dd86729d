/** What holds in every history: spot that comes and goes, events lost, late or twice, failing actions, stale metrics, caps, floors, clocks that differ. */
import * as fc from 'fast-check';
import { Decision, decide } from '../../../lib/scaling/decide';
import { floorAt } from '../../../lib/scaling/floors';
import { Policy } from '../../../lib/scaling/policy';
import { Fact, Seen } from '../../../lib/scaling/seen';
import { NO_STATE, State, stateSchema } from '../../../lib/scaling/state';
import { FALLBACK, MINUTE, NOON } from './policies';
import { Minute, World } from './world';

/** Two clocks, each off by up to half a minute, shorten a hold by as much as a minute. */
const SKEW = MINUTE;

const policies: fc.Arbitrary<Policy> = fc.record({
  min: fc.nat(2), max: fc.integer({ min: 2, max: 8 }), base: fc.nat(2), hold: fc.constantFrom(0, 300, 900), idleHold: fc.constantFrom(0, 300, 600),
  floor: fc.boolean(), cap: fc.option(fc.nat(3), { nil: undefined }),
}).map(({ min, max, base, hold, idleHold, floor, cap }) => ({
  ...FALLBACK,
  scaling: { minReplicas: min, maxReplicas: max, targetConcurrencyPerReplica: 10, idleHoldSeconds: idleHold },
  purchase: { kind: 'spotWithFallback', onDemandBase: base, holdSeconds: hold, maxSpotPricePercent: 80 },
  floors: floor ? [{ id: 'F', minReplicas: Math.min(max, 3), cron: '20 12 * * *', timeZone: 'Etc/UTC', durationSeconds: 600 }] : [],
  ...cap !== undefined && { spendCapReplicas: cap },
}));

const [CHEAP, DEAR] = [0.997, 1.8];
const rarely = <T>(value: T, otherwise: T): fc.Arbitrary<T> => fc.oneof({ weight: 1, arbitrary: fc.constant(value) }, { weight: 9, arbitrary: fc.constant(otherwise) });
const minutes: fc.Arbitrary<Minute> = fc.record({
  calls: fc.oneof(fc.constant(0), fc.nat(100)), spotFree: fc.oneof(fc.constant(8), fc.nat(8)), onDemandFree: fc.oneof(fc.constant(8), fc.nat(8)),
  interrupt: fc.option(fc.nat(4), { nil: undefined }), recommend: fc.option(fc.nat(4), { nil: undefined }), warned: fc.boolean(),
  notice: fc.constantFrom('told', 'lost', 'twice', 'late'), metrics: fc.constantFrom('known', 'known', 'known', 'partial', 'stale', 'unreadable'),
  capped: rarely(true, false), deploying: rarely(true, false), skew: fc.integer({ min: -30, max: 30 }), actionsFail: fc.boolean(), spotUsd: rarely(DEAR, CHEAP), quota: fc.boolean(), breaks: fc.oneof({ weight: 8, arbitrary: fc.constant('none') }, fc.constantFrom('spot', 'both')),
});
const histories = fc.tuple(policies, fc.array(minutes, { minLength: 1, maxLength: 50 }));
const QUIET: Minute = {
  calls: 35, spotFree: 8, onDemandFree: 8, warned: true, notice: 'told', metrics: 'known', capped: false, deploying: false, skew: 0, actionsFail: false,
  spotUsd: CHEAP, quota: false, breaks: 'none',
};

interface Step {
  readonly now: number;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly before: State;
}

/** Each minute the world goes on and the controller decides; `check` sees every decision and those before. */
function live(policy: Policy, history: readonly Minute[], check: (step: Step, steps: readonly Step[], world: World) => void): void {
  const world = new World(NOON, policy.coldStartSeconds * 1000);
  const steps: Step[] = [];
  let state = NO_STATE;
  for (const minute of history) {
    const { seen: looked } = world.pass(minute);
    const now = world.now + minute.skew * 1000;
    const seen: Seen = minute.capped ? { ...looked, facts: [...looked.facts, { kind: 'spendCap', at: now }] } : looked;
    const step = { now, seen, before: state, decision: decide(policy, state, seen, new Date(now)) };
    check(step, steps, world);
    steps.push(step);
    ({ state } = step.decision);
    if (!minute.actionsFail) world.act(step.decision);
  }
}

const baseOf = ({ purchase }: Policy): number => purchase.kind === 'spotWithFallback' ? purchase.onDemandBase : NaN;
const shortfall = (policy: Policy, { metrics: { Demand, ReadySpot } }: Decision): number =>
  Math.min(Demand, baseOf(policy) + Math.max(0, Demand - baseOf(policy) - ReadySpot));

test('sizes are whole and within limits, on demand carries the base, and with ready spot the whole demand', () => {
  fc.assert(fc.property(histories, ([policy, history]) => live(policy, history, ({ decision, seen, now }) => {
    const { Demand, ReadySpot, Maximum } = decision.metrics;
    expect(Maximum).toBeLessThanOrEqual(policy.scaling.maxReplicas);
    // Under a cap of one, a rolling update may have its second replica.
    const most = seen.deploying && Maximum === 1 ? 2 : Maximum;
    for (const size of [Demand, decision.spotDesired!, decision.onDemandDesired!]) {
      expect(Number.isInteger(size)).toBe(true);
      expect(size).toBeGreaterThanOrEqual(0);
      expect(size).toBeLessThanOrEqual(most);
    }
    expect(Demand).toBeGreaterThanOrEqual(Math.min(Maximum, floorAt(policy.floors, policy.scaling.minReplicas, new Date(now))));
    expect(decision.onDemandDesired).toBeGreaterThanOrEqual(Math.min(baseOf(policy), Demand));
    expect(decision.onDemandDesired! + ReadySpot).toBeGreaterThanOrEqual(Demand);
    expect(decision.onDemandDesired).toBeLessThanOrEqual(Demand);
    expect(decision.retire.length).toBeLessThanOrEqual(1);
    expect(stateSchema.parse(JSON.parse(JSON.stringify(decision.state)))).toEqual(decision.state);
  })), { numRuns: 300 });
});

test('where on demand can be had, no loss of spot and no rise of demand is felt for longer than a cold start and two ticks', () => {
  // Whatever spot, prices, events and metrics do.
  const reliable = histories.map(([policy, history]): [Policy, Minute[]] =>
    [policy, history.map(minute => ({ ...minute, onDemandFree: 8, actionsFail: false, breaks: minute.breaks === 'none' ? 'none' : 'spot' }))]);
  fc.assert(fc.property(reliable, ([policy, history]) => {
    const demands: number[] = [];
    const spotLost: number[] = [];
    let spotReady = new Set<string>();
    live(policy, history, ({ decision, seen }, _, world) => {
      const { notices } = decision.state;
      const now = new Set(seen.spot!.replicas.filter(({ id, healthy, draining }) => healthy && !draining && !notices[id]).map(({ id }) => id));
      spotLost.push([...spotReady].filter(id => !now.has(id)).length);
      spotReady = now;
      demands.push(decision.metrics.Demand);
      const span = policy.coldStartSeconds / 60 + 2;
      if (demands.length <= span) return;
      const wanted = Math.min(...demands.slice(-span - 1));
      const lostSince = spotLost.slice(-span).reduce((a, b) => a + b, 0);
      expect(world.ready(world.spot) + world.ready(world.onDemand)).toBeGreaterThanOrEqual(wanted - lostSince);
    });
  }), { numRuns: 300 });
});

test('a peak is paid for no longer than the hold and the minutes in which nothing was known', () => {
  const unknown = fc.constantFrom('partial', 'stale', 'unreadable') as fc.Arbitrary<Minute['metrics']>;
  fc.assert(fc.property(policies, fc.integer({ min: 10, max: 30 }), fc.nat(13), unknown, (policy, peak, phase, metrics) => {
    const calm = { ...policy, floors: [], scaling: { ...policy.scaling, minReplicas: 0 } };
    const holdMinutes = policy.scaling.idleHoldSeconds / 60;
    const after = Math.ceil(holdMinutes * 1.1) + 2;
    const history = Array.from({ length: peak + after }, (_, i): Minute =>
      ({ ...QUIET, calls: i < peak ? 100 : 5, metrics: i >= peak - 1 && i % 14 === phase ? metrics : 'known' }));
    let last: Decision | undefined;
    live(calm, history, ({ decision }) => void (last = decision));
    expect(last!.metrics.Demand).toBe(1);
  }), { numRuns: 200 });
});

test('the same is decided twice, and deciding again with its own memory changes nothing', () => {
  fc.assert(fc.property(histories, ([policy, history]) => live(policy, history, ({ decision, before, seen, now }) => {
    expect(decide(policy, before, seen, new Date(now))).toEqual(decision);
    const again = decide(policy, decision.state, seen, new Date(now));
    expect({ ...again, metrics: {} }).toEqual({ ...decision, metrics: {} });
    expect({ ...again.metrics, SpotLaunchFailures: 0, OnDemandLaunchFailures: 0 }).toEqual({ ...decision.metrics, SpotLaunchFailures: 0, OnDemandLaunchFailures: 0 });
    expect(again.metrics).toMatchObject({ SpotLaunchFailures: 0, OnDemandLaunchFailures: 0 });
  })), { numRuns: 150 });
});

test('on demand does not go within the hold after spot left it something to carry, while it is wanted', () => {
  fc.assert(fc.property(histories, ([policy, history]) => live(policy, history, ({ decision, now }, steps) => {
    const hold = policy.purchase.kind === 'spotWithFallback' ? policy.purchase.holdSeconds * 1000 : NaN;
    const held = steps.filter(step => step.now > now - hold + SKEW).map(step => shortfall(policy, step.decision));
    expect(decision.onDemandDesired).toBeGreaterThanOrEqual(Math.min(decision.metrics.Demand, Math.max(0, ...held)));
  })), { numRuns: 300 });
});

test('nobody goes to zero but after an idle hold, nor when calls are unknown', () => {
  fc.assert(fc.property(histories, ([policy, history]) => live(policy, history, ({ decision, seen, now }, steps) => {
    if (decision.metrics.Demand > 0 || decision.metrics.Maximum === 0) return;
    const held = steps.filter(step => step.now > now - policy.scaling.idleHoldSeconds * 1000 + SKEW);
    for (const { seen: { signals }, now: then } of [...held, { seen, now }]) {
      expect(signals.refused ?? 0).toBe(0);
      if (signals.inFlight && then - signals.inFlight.at < 3 * MINUTE) expect(signals.inFlight.inFlightSeconds).toBe(0);
    }
    expect(policy.scaling.minReplicas).toBe(0);
  })), { numRuns: 300 });
});

test('more spot is never bought while a launch cools down, and nothing that runs is stopped for it', () => {
  fc.assert(fc.property(histories, ([policy, history]) => live(policy, history, ({ decision, seen, now }) => {
    if (!(decision.state.cooldown && decision.state.cooldown.until > now)) return;
    const running = seen.spot!.replicas.length;
    expect(decision.spotDesired).toBe(Math.min(running, Math.max(0, decision.metrics.Demand - baseOf(policy))));
  })), { numRuns: 150 });
});

test('once faults stop, a lost, late or repeated event has left no trace, and capacity is as wanted', () => {
  fc.assert(fc.property(policies, fc.array(minutes, { minLength: 1, maxLength: 30 }), (policy, history) => {
    const world = new World(NOON, policy.coldStartSeconds * 1000);
    let [state, informed] = [NO_STATE, NO_STATE];
    // No hold, cool-down (40 minutes, or until the first after it succeeds), notice or cold start lasts longer than this.
    const calm = Array.from({ length: 200 }, (_, i): Minute => ({ ...QUIET, metrics: i % 14 === 7 ? 'unreadable' : i % 14 === 11 ? 'partial' : 'known' }));
    let last: Decision | undefined;
    let undisturbed: Decision | undefined;
    for (const minute of [...history, ...calm]) {
      const { seen, sent, polled } = world.pass(minute);
      const all: readonly Fact[] = [...sent, ...polled];
      last = decide(policy, state, seen, new Date(world.now + minute.skew * 1000));
      undisturbed = decide(policy, informed, { ...seen, facts: all }, new Date(world.now + minute.skew * 1000));
      ({ state } = last);
      informed = undisturbed.state;
      if (!minute.actionsFail) world.act(last);
    }
    expect([last!.spotDesired, last!.onDemandDesired]).toEqual([undisturbed!.spotDesired, undisturbed!.onDemandDesired]);
    const wanted = last!.metrics.Demand;
    const base = Math.min(baseOf(policy), wanted);
    expect({ spot: world.ready(world.spot), onDemand: world.ready(world.onDemand) }).toEqual({ spot: wanted - base, onDemand: base });
    expect(wanted).toBe(Math.max(policy.scaling.minReplicas, Math.min(policy.scaling.maxReplicas, 4)));
  }), { numRuns: 60 });
});

test('a memory of whatever age or from the future is no reason to exceed or to fail', () => {
  const instants = fc.integer({ min: -4_000_000_000_000, max: 4_000_000_000_000 });
  const falling = fc.array(fc.record({ value: fc.nat(50), at: instants }), { maxLength: 4 }).map(all => all.toSorted((a, b) => b.value - a.value));
  const memories: fc.Arbitrary<State> = fc.record({
    load: falling, shortfall: falling, replicas: fc.dictionary(fc.constantFrom('spot-0', 'onDemand-0'), fc.record({ firstSeen: instants, healthy: fc.boolean(), since: instants })), counted: fc.constant({}),
    notices: fc.dictionary(fc.constantFrom('spot-0', 'gone'), fc.record({ kind: fc.constantFrom('interruption', 'rebalance'), at: instants })),
    cooldown: fc.record({ until: instants, length: fc.integer({ min: 1, max: 2_400_000 }) }), capUntil: instants,
  });
  fc.assert(fc.property(policies, memories, minutes, (policy, memory, minute) => {
    const world = new World(NOON, policy.coldStartSeconds * 1000);
    const { seen } = world.pass(minute);
    const decision = decide(policy, memory, seen, new Date(world.now));
    expect(decision.spotDesired).toBeLessThanOrEqual(Math.max(decision.metrics.Maximum, seen.deploying ? 2 : 0));
    expect(decision.onDemandDesired! + decision.metrics.ReadySpot).toBeGreaterThanOrEqual(decision.metrics.Demand);
    for (const value of Object.values(decision.metrics)) expect(Number.isInteger(value) && value >= 0).toBe(true);
    expect(stateSchema.parse(JSON.parse(JSON.stringify(decision.state)))).toEqual(decision.state);
  }), { numRuns: 300 });
});
