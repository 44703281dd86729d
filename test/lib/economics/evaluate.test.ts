import fc from 'fast-check';
import { StackForecast } from '../../../lib/economics/evaluate';
import { Decimal, decimal, sum } from '../../../lib/money';
import { HAIKU, SONNET, WORKFLOW, declare, forecast } from './declared';

const perRun = (f: StackForecast, scale = 0): string => f.workflows[0]!.scales[scale]!.costPerRunUsd.expected.toFixed();
const NAT = { Nat: { Type: 'AWS::EC2::NatGateway', Properties: { ConnectivityType: 'private' } } };
const NO_NAT_DATA = { usage: [{ resource: 'Nat', quantities: { 'nat/data': 0 } }] };

describe('cost per run, by hand', () => {
  test('one call: 1,000 x 1.10 + 200 x 5.50 per million', () => {
    expect(perRun(forecast(declare()))).toBe('0.0022');
  });

  test('three calls a run', () => {
    expect(perRun(forecast(declare({ callsPerRun: 3, peakConcurrency: 30 })))).toBe('0.0066');
  });

  test('cached input: 600 uncached, 300 read at .11, 100 written at 1.375', () => {
    // .00066 + .000033 + .0001375 + .0011
    expect(perRun(forecast(declare({ tokensPerCall: { input: 1_000, output: 200, cacheRead: 300, cacheWrite: 100 } })))).toBe('0.0019305');
  });

  test('a tier mix: 75 % at .0022 and 25 % at .0066', () => {
    const servedBy = [{ ...HAIKU, sharePercent: 75 }, { ...SONNET, sharePercent: 25 }];
    const result = forecast(declare({ servedBy }));
    expect(perRun(result)).toBe('0.0033');
    expect(result.workflows[0]!.tokens.models.map(m => [m.premium, m.perCall.toFixed(), m.perRun.expected.toFixed()])).toEqual([
      [false, '0.0022', '0.00165'], [true, '0.0066', '0.00165'],
    ]);
  });

  test('a hit rate of 40 % answers four calls in ten without a model', () => {
    expect(perRun(forecast(declare({ responseCacheHitPercent: 40 })))).toBe('0.00132');
  });

  test('shared cost goes by weight', () => {
    const declaration = declare({ fixedCostWeight: 3 }, {}, { ...NO_NAT_DATA, workflows: [
      { ...WORKFLOW, fixedCostWeight: 3 }, { ...WORKFLOW, id: 'Tell', fixedCostWeight: 1 },
    ] });
    const { workflows } = forecast(declaration, NAT);
    // The NAT gateway is 32.85 a month
    expect(workflows.map(w => w.scales[0]!.costUsd.expected.toFixed())).toEqual(['244.6375', '228.2125']);
  });

  test('a seat pays whatever it uses', () => {
    const [one, ten] = forecast(declare({ revenue: { seats: 50, usdPerSeatMonth: 40 } }, { growth: { revenueMultiple: 8 } })).totals;
    expect([one!.revenueUsd.toFixed(), ten!.revenueUsd.toFixed()]).toEqual(['2000', '16000']);
  });
});

describe('margin at 1x and at growth', () => {
  test('10x the usage on 8x the revenue', () => {
    const { totals, verdict } = forecast(declare({}, { growth: { usageMultiple: 10, revenueMultiple: 8 } }));
    expect(totals.map(t => [t.runs.toFixed(), t.revenueUsd.toFixed(), t.costUsd.expected.toFixed(), t.margin.expected!.toFixed(2), t.acceptableCostPerRunUsd.toFixed()]))
      .toEqual([['100000', '1000', '220', '78.00', '0.003'], ['1000000', '8000', '2200', '72.50', '0.0024']]);
    expect(verdict).toBe('ok');
  });

  test('revenue grows as usage where nothing else is said', () => {
    expect(forecast(declare({}, { growth: { usageMultiple: 2 } })).totals.map(t => t.margin.expected!.toFixed())).toEqual(['78', '78']);
  });

  test('a revenue multiple without growth would have no effect and is refused', () => {
    expect(() => declare({}, { growth: { usageMultiple: 1, revenueMultiple: 0.1 } })).toThrow(/revenueMultiple is 0\.1 while usageMultiple is 1/);
  });

  test('low and high are all doubts at one end at once', () => {
    const [one] = forecast(declare({ uncertaintyPercent: { input: 10, output: 50, calls: 10 } })).totals;
    // low: (.9 x .0011 + .5 x .0011) x .9; high: (1.1 x .0011 + 1.5 x .0011) x 1.1
    expect([one!.costPerRunUsd.low.toFixed(), one!.costPerRunUsd.high.toFixed()]).toEqual(['0.001386', '0.003146']);
    expect([one!.margin.low!.toFixed(2), one!.margin.high!.toFixed(2)]).toEqual(['68.54', '86.14']);
  });

  test('fixed cost weighs less at growth, and usage scales through its tiers', () => {
    const resources = { Bucket: { Type: 'AWS::S3::Bucket' } };
    const usage = [{ resource: 'Bucket', quantities: { 's3/storage': 6_000, 's3/write-request': 0, 's3/read-request': 0 } }];
    const { totals } = forecast(declare({ revenue: { usdPerRun: 0.02 } }, {}, { usage }), resources);
    expect(totals[0]!.shared.monthlyUsd.expected.toFixed()).toBe('138');
    // 60,000 GB leave the tier whose price is known: the line is unknown and outside the total
    expect(totals[1]!.shared.monthlyUsd.expected.toFixed()).toBe('0');
    expect(totals.map(t => t.verdict)).toEqual(['ok', 'unknown']);
  });

  test('no revenue means no percentage, and a cost breaks it', () => {
    const { totals } = forecast(declare({ revenue: { usdPerRun: 0 } }));
    expect([totals[0]!.margin.expected, totals[0]!.verdict]).toEqual([null, 'breaks']);
  });

  test('what is unknown never hides what is broken', () => {
    const unknownModel = [{ ...SONNET, sharePercent: 90 }, { provider: 'aws', model: 'nobody.nothing-v1', sharePercent: 10 }];
    expect(forecast(declare({ servedBy: unknownModel })).verdict).toBe('breaks');
    expect(forecast(declare({ servedBy: [{ ...HAIKU, sharePercent: 50 }, { ...unknownModel[1]!, sharePercent: 50 }] })).verdict).toBe('unknown');
    expect(forecast(declare({ servedBy: [] })).workflows[0]!.tokens.unknown).toEqual([expect.stringContaining('no model serves')]);
  });

  test('people are shown and not judged', () => {
    const [one] = forecast(declare({}, { engineering: { hoursPerMonth: 5, hourlyUsd: 100 } })).totals;
    expect([one!.margin.expected!.toFixed(), one!.marginWithPeoplePercent!.toFixed(), one!.purposes.people.toFixed(), one!.verdict]).toEqual(['78', '28', '500', 'ok']);
  });

  test('credits never turn a bill around', () => {
    const credits = [{ monthlyUsd: 1_000, reason: 'launch credits', date: '2026-01-01' }];
    const [one] = forecast(declare({}, {}, { credits, ...NO_NAT_DATA }), NAT).totals;
    expect([one!.creditsUsd.toFixed(), one!.costUsd.expected.toFixed()]).toEqual(['32.85', '220']);
  });
});

describe('the staircase of replicas', () => {
  const asg = (min: number, max: number): Record<string, { Type: string; Properties: Record<string, unknown> }> => ({
    Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'g6e.xlarge', ImageId: 'ami-1' } } },
    Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: String(min), MaxSize: String(max), LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: '1' } } },
  });
  const capacity = [{ resource: 'Group', concurrencyPerReplica: 8, highlyAvailableReplicas: 2 }];

  test('20 calls in flight need 3 replicas of 8, 200 need 25: steps, not a line', () => {
    const { totals } = forecast(declare({}, {}, { capacity }), asg(1, 40));
    const replicas = totals.map(t => t.shared.resources[0]!.lines[0]!.quantity!.expected.div(730).toFixed());
    expect(replicas).toEqual(['3', '25']);
    // 3 x 730 x 1.861
    expect(totals[0]!.shared.monthlyUsd.expected.toFixed()).toBe('4075.59');
  });

  test('purposes: work is the average load, headroom up to the peak, replication up to availability, the rest idles', () => {
    // Average in flight: 100,000 x 10 s / 2,628,000 s = .380518 calls = .047565 replicas
    const { totals } = forecast(declare({ peakConcurrency: 6 }, { growth: { usageMultiple: 1 } }, { capacity }), asg(4, 40));
    const { work, headroom, replication, idle } = totals[0]!.purposes;
    const replica = decimal('1.861').times(730);
    expect(work.minus(220).div(replica).toDecimalPlaces(6).toFixed()).toBe('0.047565');
    expect(headroom.div(replica).toDecimalPlaces(6).toFixed()).toBe('0.952435');
    expect([replication.div(replica).toFixed(), idle.div(replica).toFixed()]).toEqual(['1', '2']);
  });

  test('what is kept for availability runs however small the peak', () => {
    const { totals } = forecast(declare({ peakConcurrency: 1 }, { growth: { usageMultiple: 1 } }, { capacity }), asg(1, 40));
    expect(totals[0]!.shared.resources[0]!.lines[0]!.quantity!.expected.div(730).toFixed()).toBe('2');
  });

  test('a peak above the maximum is not served, and says so', () => {
    const { totals } = forecast(declare({}, {}, { capacity }), asg(1, 10));
    expect(totals[0]!.shared.unserved).toEqual([]);
    expect(totals[1]!.shared.unserved.map(u => [u.path, u.calls.toFixed()])).toEqual([['Group', '120']]);
  });

  test('without declared capacity the bounds of the group are the range', () => {
    const { low, expected, high } = forecast(declare(), asg(1, 10)).bill.monthlyUsd;
    expect([low.toFixed(), expected.toFixed(), high.toFixed()]).toEqual(['1358.53', '1358.53', '13585.3']);
  });
});

describe('the month in which the target breaks', () => {
  test('revenue follows usage along the declared growth', () => {
    // Revenue = usage ^ log10(5); cost/revenue = .22 x usage ^ .30103 reaches .3 at usage 2.80, which 10 % a month passes in month 11
    expect(forecast(declare({}, { growth: { usageMultiple: 10, revenueMultiple: 5, monthlyPercent: 10 } })).breaksInMonth).toBe(11);
  });

  test('a workflow that breaks counts although the total holds', () => {
    const workflows = [{ ...WORKFLOW, revenue: { usdPerRun: 1 } }, { ...WORKFLOW, id: 'Tell', revenue: { usdPerRun: 0.008 } }];
    const { totals, breaksInMonth } = forecast(declare({}, { growth: { usageMultiple: 10, revenueMultiple: 9, monthlyPercent: 20 } }, { workflows }));
    expect(totals.map(t => t.verdict)).toEqual(['ok', 'ok']);
    // .22 / .8 x usage ^ .04576 reaches .3 at usage 6.7, which 20 % a month passes in month 11
    expect(breaksInMonth).toBe(11);
  });

  test('what is not proved is not said to hold', () => {
    expect(forecast(declare({}, { growth: { monthlyPercent: 10 } }), NAT).breaksInMonth).toBe('unknown');
  });

  test('not within ten years, not asked, and already', () => {
    expect(forecast(declare({}, { growth: { monthlyPercent: 10 } })).breaksInMonth).toBe('never');
    expect(forecast(declare()).breaksInMonth).toBeNull();
    expect(forecast(declare({ servedBy: [SONNET] }, { growth: { monthlyPercent: 10 } })).breaksInMonth).toBe(0);
  });
});

describe('invariants', () => {
  const workflow = fc.record({
    revenue: fc.double({ min: 0, max: 10, noNaN: true }).map(usdPerRun => ({ usdPerRun })),
    runsPerMonth: fc.integer({ min: 1, max: 10_000_000 }),
    callsPerRun: fc.integer({ min: 1, max: 20 }),
    tokensPerCall: fc.record({ input: fc.integer({ min: 0, max: 100_000 }), output: fc.integer({ min: 0, max: 20_000 }) }),
    peakConcurrency: fc.constant(1e9),
    responseCacheHitPercent: fc.double({ min: 0, max: 99.9, noNaN: true }),
    share: fc.integer({ min: 0, max: 100 }),
  }).map(({ share, ...rest }) => ({ ...rest, servedBy: [{ ...HAIKU, sharePercent: share }, { ...SONNET, sharePercent: 100 - share }] }));

  test('low <= expected <= high; workflows add up to the total; purposes add up to the cost', () => {
    fc.assert(fc.property(workflow, fc.double({ min: 1, max: 50, noNaN: true }), (w, usageMultiple) => {
      const { totals, workflows } = forecast(declare(w, { growth: { usageMultiple } }, NO_NAT_DATA), NAT);
      totals.forEach((total, i) => {
        expect(total.costUsd.low.lte(total.costUsd.expected) && total.costUsd.expected.lte(total.costUsd.high)).toBe(true);
        expect(sum(workflows.map(x => x.scales[i]!.costUsd.expected)).minus(total.costUsd.expected).abs().lt(1e-9)).toBe(true);
        const { people, ...purposes } = total.purposes;
        expect(people.isZero()).toBe(true);
        expect(sum(Object.values(purposes)).minus(total.costUsd.expected).abs().lt(1e-9)).toBe(true);
        expect(total.verdict === 'breaks').toBe(total.costUsd.expected.gt(total.revenueUsd.times('0.3')));
      });
    }), { numRuns: 60 });
  });

  test('more premium, more tokens or fewer hits never cost less', () => {
    fc.assert(fc.property(workflow, fc.integer({ min: 0, max: 98 }), (w, hit) => {
      const cost = (changes: object): Decimal => forecast(declare({ ...w, ...changes })).totals[0]!.costUsd.expected;
      expect(cost({ servedBy: [SONNET] }).gte(cost({ servedBy: [HAIKU] }))).toBe(true);
      expect(cost({ responseCacheHitPercent: hit }).gte(cost({ responseCacheHitPercent: hit + 1 }))).toBe(true);
      const more = { input: w.tokensPerCall.input + 1, output: w.tokensPerCall.output };
      expect(cost({ tokensPerCall: more }).gte(cost({}))).toBe(true);
    }), { numRuns: 40 });
  });
});
