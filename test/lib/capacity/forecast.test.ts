/** Hours by hand for plain loads, and what holds for any group and any load. */
import * as fc from 'fast-check';
import { GroupLoad, ReplicaHours, forecastReplicaHours } from '../../../lib/capacity/forecast';
import { Range, Decimal, decimal } from '../../../lib/money';
import { floorShares } from '../../../lib/scaling/floors';
import { WEEKDAYS_AT_NINE, anyGroup, example } from './groups';

const CALL = { inputTokens: 3200, outputTokens: 700 };
const load = (peak: number, average: number): GroupLoad => ({ peak: decimal(peak), average: decimal(average), call: CALL });
const hours = ({ low, expected, high }: Range): number[] => [low, expected, high].map(value => Number(value.toFixed(3)));
const onDemand = example({ purchase: { kind: 'onDemand' } });
/** 22 starts of 300 s and holds of 600 s. */
const STARTS = 22 * 900 / 3600;

describe('by hand, all on demand, 32 calls a replica', () => {
  test('a load that never changes: the same replicas all month', () => {
    // 2.5 replicas of work in three.
    const { onDemand: bought, spot, split, replicasAtPeak, unserved } = forecastReplicaHours(onDemand, load(80, 80));
    expect(hours(bought)).toEqual([730 * 2.5, 730 * 3, 730 * 3]);
    expect(hours(spot)).toEqual([0, 0, 0]);
    expect(split.work.toFixed(4)).toBe('0.8333');
    expect(split.headroom.toFixed(4)).toBe('0.1667');
    expect(replicasAtPeak.toNumber()).toBe(3);
    expect(unserved.isZero()).toBe(true);
  });

  test('evenly between 0 and 128 calls: four replicas for 4, 3, 2 and 1 quarters of the month, and their starts', () => {
    const { onDemand: bought, split } = forecastReplicaHours(onDemand, load(128, 64));
    const [expected, full] = [730 * 2.5 + 3 * STARTS, 730 * 4];
    expect(hours(bought)).toEqual([730 * 2 + 730 * (1 - 0.875), expected, full].map(value => Number(value.toFixed(3)))); // The minimum of 1 keeps the first.
    expect(split.work.toNumber()).toBeCloseTo(730 * 2 / expected, 10);
    expect(split.headroom.toNumber()).toBeCloseTo(730 * 0.5 / expected, 10);
    expect(split.idle.toNumber()).toBeCloseTo(3 * STARTS / expected, 10);
  });

  test('a spiky load: no call for most of the month, and the minimum idles', () => {
    // Active a fifth of the month, evenly up to 64: the first replica a fifth, the second a tenth.
    const spiky = load(64, 6.4);
    expect(forecastReplicaHours(onDemand, spiky).onDemand.expected.toNumber()).toBeCloseTo(730 + 73 + STARTS, 6);
    const toZero = example({ purchase: { kind: 'onDemand' }, scaling: { ...onDemand.scaling, minReplicas: 0 } });
    const { onDemand: bought, split } = forecastReplicaHours(toZero, spiky);
    expect(bought.expected.toNumber()).toBeCloseTo(146 + 73 + 2 * STARTS, 6);
    expect(bought.low.toNumber()).toBeCloseTo(730 * 6.4 / 32, 6);
    expect(split.idle.toNumber()).toBeCloseTo(2 * STARTS / bought.expected.toNumber(), 10);
  });

  test('a floor stands at the busy hours: it costs what the load does not already ask for', () => {
    const floored = { ...onDemand, floors: [WEEKDAYS_AT_NINE] };
    const share = floorShares(floored.floors, 1).find(({ replicas }) => replicas === 4)!.share;
    const busy = forecastReplicaHours(floored, load(128, 64)).onDemand.expected;
    expect(busy.toNumber()).toBeCloseTo(730 * 2.5 + 3 * STARTS, 6); // The fourth runs a quarter of the month anyway, and the floor less than a tenth.
    const quiet = forecastReplicaHours(floored, load(32, 16)).onDemand;
    expect(quiet.expected.toNumber()).toBeCloseTo(730 + 3 * 730 * share, 6);
    expect(quiet.high.toNumber()).toBeCloseTo(4 * 730, 6);
  });

  test('above the maximum nothing is bought, and the rest is not served', () => {
    const { onDemand: bought, unserved, replicasAtPeak } = forecastReplicaHours(onDemand, load(1300, 1300));
    expect(bought.expected.toNumber()).toBe(40 * 730);
    expect(unserved.toNumber()).toBe(20);
    expect(replicasAtPeak.toNumber()).toBe(40);
  });
});

describe('purchase', () => {
  test('the base is on demand; of the rest spot delivers 95, 82 or 69 %, and on demand bridges', () => {
    const { spot, onDemand: bought } = forecastReplicaHours(example(), load(64, 64));
    // Once a working day, at most once an hour.
    const [daily, hourly] = [22, 730].map(starts => starts * (300 + 900) / 3600) as [number, number];
    expect(hours(bought)).toEqual([730 + 0.05 * 730, 730 + 0.18 * 730 + daily, 730 + 0.31 * 730 + hourly].map(value => Number(value.toFixed(3))));
    expect(hours(spot)).toEqual([0.82, 0.82, 0.82].map(share => Number((share * 730).toFixed(3))));
  });

  test('a burst in every hour stays within the range: on demand stands in for nine replicas until each is ready and the hold is over', () => {
    const { onDemand: bought, note } = forecastReplicaHours(example(), load(320, 27));
    const hourly = 730 + 9 * 730 * (300 + 900) / 3600; // 2,920 h
    expect(bought.high.gte(hourly)).toBe(true);
    expect(bought.high.toNumber()).toBeCloseTo(hourly + 9 * 0.31 * 730, 6);
    expect(bought.expected.lt(hourly)).toBe(true);
    expect(note).toContain('one peak on each of 22 working days');
  });

  test('bursts closer together than a start and the hold keep one replica on demand all month, not more', () => {
    const slow = example({ coldStartSeconds: 3600 });
    expect(forecastReplicaHours(slow, load(64, 10)).onDemand.high.toNumber()).toBe(2 * 730);
    expect(forecastReplicaHours(slow, undefined).onDemand.high.toNumber()).toBe(40 * 730);
  });

  test('spot alone has no on-demand hours', () => {
    const { spot, onDemand: none } = forecastReplicaHours(example({ purchase: { kind: 'spotOnly', reason: 'work that can wait' } }), load(64, 64));
    expect(hours(spot)).toEqual([1460, 1460, 1460]);
    expect(hours(none)).toEqual([0, 0, 0]);
  });
});

describe('without a load that can be sized for', () => {
  test('the floors at least, the maximum at most', () => {
    const { onDemand: bought, unserved, note, replicasAtPeak } = forecastReplicaHours(onDemand, undefined);
    expect(hours(bought)).toEqual([730, 730, 40 * 730]);
    expect(unserved.isZero()).toBe(true);
    expect(replicasAtPeak.toNumber()).toBe(1);
    expect(note).toMatch(/^no load declared/);
  });

  test('calls too long to serve are all unserved', () => {
    const { onDemand: bought, unserved, note } = forecastReplicaHours(onDemand, { ...load(10, 5), call: { inputTokens: 16_000, outputTokens: 1000 } });
    expect(hours(bought)).toEqual([730, 730, 40 * 730]);
    expect(unserved.toNumber()).toBe(10);
    expect(note).toMatch(/^calls longer than a replica can take/);
  });
});

describe('for any group and load', () => {
  const anyLoad = fc.record({ peak: fc.integer({ min: 0, max: 2000 }), part: fc.integer({ min: 0, max: 1000 }) }).map(({ peak, part }) => load(peak, peak * part / 1000));

  test('low <= expected <= high in both markets, within the maximum of each', () => {
    fc.assert(fc.property(anyGroup, fc.option(anyLoad), (group, given) => {
      const { spot, onDemand: bought, replicasAtPeak } = forecastReplicaHours(group, given ?? undefined);
      for (const { low, expected, high } of [spot, bought]) {
        expect(low.gte(0) && low.lte(expected) && expected.lte(high)).toBe(true);
        expect(high.lte(730 * group.scaling.maxReplicas)).toBe(true);
      }
      expect(replicasAtPeak.gte(0) && replicasAtPeak.lte(group.scaling.maxReplicas)).toBe(true);
    }));
  });

  test('the split adds up to 1, none of it negative', () => {
    fc.assert(fc.property(anyGroup, anyLoad, (group, given) => {
      const parts = Object.values(forecastReplicaHours(group, given).split) as Decimal[];
      expect(Decimal.sum(...parts).toNumber()).toBeCloseTo(1, 10);
      expect(parts.every(part => part.gte(-1e-20))).toBe(true);
    }));
  });

  test('never below its floors nor below the calls that are served', () => {
    fc.assert(fc.property(anyGroup, anyLoad, (group, given) => {
      const [floors, bought] = [undefined, given].map(l => forecastReplicaHours({ ...group, purchase: { kind: 'onDemand' } }, l)) as [ReplicaHours, ReplicaHours];
      expect(bought.onDemand.low.gte(floors.onDemand.low.minus(1e-20))).toBe(true);
      expect(bought.onDemand.low.gte(bought.split.work.times(bought.onDemand.expected).minus(1e-20))).toBe(true);
    }));
  });

  test('a higher average, or the same load several times, never means fewer hours', () => {
    fc.assert(fc.property(anyGroup, anyLoad, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 100, max: 1000 }), (group, given, moreAverage, percent) => {
      const before = forecastReplicaHours(group, given);
      const grown = { ...given, peak: given.peak.times(percent).div(100), average: given.average.times(percent).div(100) };
      const fuller = { ...given, average: given.average.plus(given.peak.minus(given.average).times(moreAverage).div(100)) };
      for (const after of [grown, fuller].map(more => forecastReplicaHours(group, more))) {
        for (const end of ['low', 'expected', 'high'] as const) {
          expect(after.spot[end].gte(before.spot[end].minus(1e-20))).toBe(true);
          expect(after.onDemand[end].gte(before.onDemand[end].minus(1e-20))).toBe(true);
        }
      }
    }));
  });

  test('a higher peak of the same average never needs fewer replicas, nor serves more', () => {
    fc.assert(fc.property(anyGroup, anyLoad, fc.nat(500), (group, given, more) => {
      const [before, after] = [given, { ...given, peak: given.peak.plus(more) }].map(l => forecastReplicaHours({ ...group, purchase: { kind: 'onDemand' } }, l));
      expect(after!.replicasAtPeak.gte(before!.replicasAtPeak)).toBe(true);
      expect(after!.unserved.gte(before!.unserved)).toBe(true);
      expect(after!.onDemand.high.gte(before!.onDemand.high)).toBe(true);
    }));
  });
});

test('a forecast of ten years reads the calendar of its floors once', () => {
  const group = { ...onDemand, floors: [WEEKDAYS_AT_NINE] };
  const compiled = jest.spyOn(Intl, 'DateTimeFormat');
  forecastReplicaHours(group, load(128, 64));
  const calls = compiled.mock.calls.length;
  for (let month = 0; month < 120; month++) forecastReplicaHours(group, load(128 + month, 64 + month));
  expect(calls).toBeGreaterThan(0);
  expect(compiled.mock.calls).toHaveLength(calls);
  compiled.mockRestore();
});
