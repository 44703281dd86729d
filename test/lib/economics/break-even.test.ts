import { isKnown } from '../../../lib/economics/break-even';
import { declare, forecast } from './declared';

const own = { instanceType: 'g6e.xlarge', tokensPerSecondPerReplica: 1_000, concurrencyPerReplica: 16, engineeringHoursPerMonth: 10 };
const engineering = { hoursPerMonth: 0, hourlyUsd: 100 };

function breakEven(selfHosting: object, workflow: object = {}) {
  const result = forecast(declare(workflow, { selfHosting: { ...own, ...selfHosting }, engineering })).breakEven!;
  if (!isKnown(result)) throw new Error(result.unknown);
  return result;
}

describe('break-even against own hosting', () => {
  test('by hand: two replicas and ten hours against .0022 a run', () => {
    const result = breakEven({});
    // Fixed: 2 x 1.861 x 730 + 1,000 = 3,717.06. The peak of 20 calls needs 400 output tokens a second.
    // One replica holds 100,000 x min(16 / 20, 1,000 / 400) = 80,000 runs, worth 176 and costing 1,358.53: it never pays.
    expect(result.fixedUsdPerMonth.toFixed()).toBe('3717.06');
    expect(result.points[0]).toMatchObject({ runsPerMonth: null, replicas: null });
  });

  test('a smooth load fills a replica, and then it pays', () => {
    // Peak 1 call in flight (average .38): a replica holds 100,000 x min(16 / 1, 1,000 / 20) = 1.6 million runs, worth 3,520.
    const [point] = breakEven({}, { peakConcurrency: 1 }).points;
    // 3,717.06 / .0022
    expect(point!.runsPerMonth!.toDecimalPlaces(2).toFixed()).toBe('1689572.73');
    expect(point!.replicas!.toFixed()).toBe('2');
  });

  test('people can ask for more replicas before anything is gained', () => {
    // Each replica gains 3,520 - 1,358.53 = 2,161.47; 10,000 of people need five of them.
    const [point] = breakEven({ engineeringHoursPerMonth: 100 }, { peakConcurrency: 1 }).points;
    expect(point!.replicas!.toFixed()).toBe('5');
    expect(point!.runsPerMonth!.lte(5 * 1_600_000)).toBe(true);
  });

  test('it is also compared with the same open model hosted by a provider', () => {
    const { points } = breakEven({ hosted: { provider: 'groq', model: 'llama-3.1-8b-instant' } }, { peakConcurrency: 1 });
    expect(points.map(p => p.against)).toEqual(['the declared models', 'llama-3.1-8b-instant hosted by groq']);
    // 1,000 x .05 + 200 x .08 per million
    expect(points[1]!.apiUsdPerRun.toFixed()).toBe('0.000066');
    expect(points[1]!.runsPerMonth).toBeNull();
  });

  test('throughput is uncertain, and so is the capacity', () => {
    // Two replicas hold 3.2 million runs.
    const { low, expected, high } = breakEven({ throughputUncertaintyPercent: 25 }, { peakConcurrency: 1 }).points[0]!.capacityRunsPerMonth!;
    expect([low.toFixed(), expected.toFixed(), high.toFixed()]).toEqual(['2400000', '3200000', '4000000']);
  });

  test('unknown stays unknown', () => {
    const result = forecast(declare({}, { selfHosting: { ...own, instanceType: 'g99.large' } })).breakEven!;
    expect(isKnown(result)).toBe(false);
    expect(result).toMatchObject({ unknown: expect.stringContaining('ec2/g99.large') });
  });
});
