/** A floor holds from each local start for its whole duration, also where the clocks change. */
import * as fc from 'fast-check';
import { ScheduledFloor } from '../../../lib/contracts/gpu-group';
import { floorAt, floorProblem, floorShares } from '../../../lib/scaling/floors';

const NINE_AM: ScheduledFloor = { id: 'NineAm', minReplicas: 4, cron: '40 8 * * MON-FRI', timeZone: 'America/New_York', durationSeconds: 7200 };
const at = (text: string, floors: ScheduledFloor[] = [NINE_AM], min = 1): number => floorAt(floors, min, new Date(text));

describe('floorAt', () => {
  test('from its start to just before its end, in its own time zone', () => {
    expect(at('2026-01-05T13:39:59.999Z')).toBe(1);
    expect(at('2026-01-05T13:40:00.000Z')).toBe(4);
    expect(at('2026-01-05T15:39:59.999Z')).toBe(4);
    expect(at('2026-01-05T15:40:00.000Z')).toBe(1);
    expect(at('2026-01-04T13:50:00Z')).toBe(1); // a Sunday
  });

  test('follows daylight saving', () => {
    expect(at('2026-07-06T12:40:00Z')).toBe(4);
    expect(at('2026-07-06T14:40:00Z')).toBe(1);
  });

  test('lasts its duration across a change of the clocks', () => {
    const night = { ...NINE_AM, cron: '0 0 * * *', durationSeconds: 4 * 3600 };
    // 2026-03-08: 02:00 becomes 03:00 in New York, so four hours after midnight it is 05:00 there.
    expect(at('2026-03-08T08:59:59Z', [night])).toBe(4);
    expect(at('2026-03-08T09:00:00Z', [night])).toBe(1);
    // A start within the hour that does not exist comes an hour later by the clock, not a day.
    expect(at('2026-03-08T07:30:00Z', [{ ...night, cron: '30 2 * * *' }])).toBe(4);
    // A start within the hour that comes twice comes once.
    const twice = { ...night, cron: '30 1 * * *', durationSeconds: 600 };
    expect(at('2026-11-01T05:30:00Z', [twice])).toBe(4);
    expect(at('2026-11-01T06:30:00Z', [twice])).toBe(1);
  });

  test('the highest of several, and never under the minimum', () => {
    const all = [NINE_AM, { ...NINE_AM, minReplicas: 9, durationSeconds: 600 }, { ...NINE_AM, minReplicas: 2 }];
    expect(at('2026-01-05T13:45:00Z', all)).toBe(9);
    expect(at('2026-01-05T14:45:00Z', all)).toBe(4);
    expect(at('2026-01-05T13:45:00Z', all, 20)).toBe(20);
    expect(at('2026-01-05T13:45:00Z', [], 0)).toBe(0);
  });

  test('the answer does not depend on what was asked before', () => {
    // Around the night in which an hour comes twice.
    const instants = fc.array(fc.date({ min: new Date('2026-10-31'), max: new Date('2026-11-03'), noInvalidDate: true }), { minLength: 2, maxLength: 8 });
    fc.assert(fc.property(instants, fc.nat(23), (dates, hour) => {
      const floor = { ...NINE_AM, cron: `30 ${hour} * * *`, durationSeconds: 1800 };
      const asked = { ...floor };
      for (const date of dates) expect(floorAt([asked], 0, date)).toBe(floorAt([{ ...floor }], 0, date));
    }), { numRuns: 200 });
  });
});

describe('floorShares', () => {
  test('hand-computed: 261 weekdays of 2026 with two hours each', () => {
    const [low, high] = floorShares([NINE_AM], 1);
    expect(low).toEqual({ replicas: 1, share: expect.closeTo(1 - 261 * 2 / 8760, 12) });
    expect(high).toEqual({ replicas: 4, share: expect.closeTo(261 * 2 / 8760, 12) });
  });

  test('without a floor the whole year is the minimum; a floor under it changes nothing', () => {
    expect(floorShares([], 3)).toEqual([{ replicas: 3, share: 1 }]);
    expect(floorShares([NINE_AM], 4)).toEqual([{ replicas: 4, share: 1 }]);
  });

  test('one that begins again before its end holds on', () => {
    const daily = { ...NINE_AM, cron: '0 0 * * *', timeZone: 'Etc/UTC', durationSeconds: 30 * 3600 };
    expect(floorShares([daily], 0)).toEqual([{ replicas: 4, share: 1 }]);
  });

  test('agree with floorAt, and add up to 1', () => {
    const floor = fc.record({
      id: fc.constant('F'), minReplicas: fc.integer({ min: 1, max: 9 }),
      cron: fc.tuple(fc.nat(59), fc.nat(23), fc.constantFrom('*', 'MON', 'SAT,SUN', 'MON-FRI')).map(([m, h, d]) => `${m} ${h} * * ${d}`),
      timeZone: fc.constantFrom('Etc/UTC', 'America/New_York', 'Asia/Kolkata'),
      durationSeconds: fc.integer({ min: 60, max: 40 * 3600 }),
    });
    fc.assert(fc.property(fc.array(floor, { maxLength: 2 }), fc.nat(3), (floors, min) => {
      const shares = floorShares(floors, min);
      expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      // Sampled every 73 minutes, which falls on every minute of the day in turn.
      const seen = new Map<number, number>();
      const samples = Math.floor(8760 * 60 / 73);
      for (let i = 0; i < samples; i++) {
        const replicas = floorAt(floors, min, new Date(Date.UTC(2026, 0, 1) + i * 73 * 60_000));
        seen.set(replicas, (seen.get(replicas) ?? 0) + 1 / samples);
      }
      for (const { replicas, share } of shares) expect(Math.abs((seen.get(replicas) ?? 0) - share)).toBeLessThan(0.01);
    }), { numRuns: 4 });
  });
});

describe('floorProblem', () => {
  test('none with a good schedule, also of a leap day', () => {
    expect(floorProblem(NINE_AM)).toBeUndefined();
    expect(floorProblem({ ...NINE_AM, cron: '0 0 29 2 *' })).toBeUndefined();
  });

  test.each([
    ['40 8 * *', 'five fields'], ['0 40 8 * * MON', 'five fields'], ['@daily', 'five fields'], ['0 8 ? * MON', 'five fields'],
    ['* 8 * * MON', 'more than one minute'], ['0,30 8 * * *', 'more than one minute'],
    ['0 25 * * *', 'cannot be read'], ['0 8 * * NODAY', 'cannot be read'], ['0 0 30 2 *', 'never begins'],
  ])('%s', (cron, says) => {
    expect(floorProblem({ ...NINE_AM, cron })).toContain(says);
    expect(floorProblem({ ...NINE_AM, cron })).toContain(cron);
  });

  test('an unknown time zone is named', () => {
    expect(floorProblem({ ...NINE_AM, timeZone: 'Mars/Base' })).toContain('"Mars/Base"');
    expect(floorProblem({ ...NINE_AM, timeZone: '' })).toContain('IANA');
  });
});
