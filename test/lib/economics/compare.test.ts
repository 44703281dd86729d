import fc from 'fast-check';
import { DeclarationInput } from '../../../lib/contracts/declaration';
import { comparisonSchema } from '../../../lib/contracts/comparison';
import { Comparison, compare } from '../../../lib/economics/compare/compare';
import { cheaperFrom } from '../../../lib/economics/compare/advantage';
import { breakEvenLine, recommendationText } from '../../../lib/economics/compare/sentences';
import { Alternatives, variantsOf } from '../../../lib/economics/compare/variants';
import { forecastStack } from '../../../lib/economics/evaluate';
import { StackTemplate } from '../../../lib/estimate/estimate';
import { PriceBook } from '../../../lib/prices/book';
import { comparisonDocument, comparisonTable } from '../../../lib/report/comparison';
import { ASKED, GROQ_NAME, GROUP, HAIKU_NAME, declaration, group, resources, stackOf, workflow } from './compare-fixture';
import { SONNET } from './declared';

const book = PriceBook.builtIn();
const compared = (asked: Partial<Alternatives> = {}, changes: Partial<DeclarationInput> = {}, stack: StackTemplate = stackOf(changes)): Comparison =>
  compare(stack, stack.declaration.groups[0]!, { ...ASKED, ...asked }, book);
const costs = (comparison: Comparison): Record<string, string[]> =>
  Object.fromEntries(comparison.variants.map(({ kind, scales }) => [kind, scales.map(({ total }) => total.costUsd.expected.toFixed())]));
const NO_HOSTED = { hosted: undefined };

describe('the four variants, by hand', () => {
  test('cost: the key and tokens, or the key, two instances and a secret', () => {
    expect(costs(compared())).toEqual({
      managed: ['221', '2201'], // 100,000 x .0022 + 1
      hosted: ['7.6', '67'], // 100,000 x .000066 + 1
      selfHosted: ['1176.408', '1176.408'], // 2 x 730 x .8048 + .40 + 1
      hybrid: ['1220.408', '1616.408'], // and 20 % of 220 or 2,200
    });
  });

  test('people: ten hours everywhere, four more with own GPUs', () => {
    const withPeople = compared().variants.map(({ scales }) => scales[0]!.usdWithPeople.toFixed());
    expect(withPeople).toEqual(['721', '507.6', '1876.408', '1920.408']);
    const { variants } = comparisonSchema.parse(comparisonDocument(compared()));
    // (2,000 - 1,876.408) / 2,000, and (2,000 - 721) / 2,000
    expect(variants.map(v => v.scales[0]!.grossMarginWithPeoplePercent)).toEqual(['63.95', '74.62', '6.1796', '3.9796']);
  });

  test('nothing is unknown, and each is judged', () => {
    expect(compared().variants.map(({ unknown, scales }) => [unknown, scales.map(s => s.verdict)])).toEqual([
      [[], ['ok', 'ok']], [[], ['ok', 'ok']], [[], ['breaks', 'ok']], [[], ['breaks', 'ok']],
    ]);
  });

  test('a target that one workflow misses is missed', () => {
    // 89 % in all, above 60 and below the 95 of one.
    const { scales } = compared({}, { workflows: [workflow(), workflow({ id: 'Tight', targetGrossMarginPercent: 95 })] }).variants[0]!;
    expect(scales.map(s => [s.total.verdict, s.verdict])).toEqual([['ok', 'breaks'], ['ok', 'breaks']]);
  });

  test('models beside the group stay with an API, and own GPUs take all calls', () => {
    const mixed = workflow({ servedBy: [{ provider: 'gpu-group', model: GROUP, sharePercent: 70 }, { ...SONNET, sharePercent: 30 }] });
    const stack = stackOf({ workflows: [mixed, { ...workflow(), id: 'Other', servedBy: [{ ...SONNET, sharePercent: 100 }] }] });
    const served = variantsOf(stack, stack.declaration.groups[0]!, ASKED).map(v => v.stack.declaration.workflows.map(w =>
      w.servedBy.map(use => `${use.sharePercent} ${use.provider}/${use.model}`)));
    const [haiku, groq, sonnet] = [HAIKU_NAME, GROQ_NAME, SONNET].map(({ provider, model }) => `${provider}/${model}`);
    expect(served).toEqual([
      [[`70 ${haiku}`, `30 ${sonnet}`], [`100 ${sonnet}`]],
      [[`70 ${groq}`, `30 ${sonnet}`], [`100 ${sonnet}`]],
      [[`100 gpu-group/${GROUP}`], [`100 ${sonnet}`]],
      [[`80 gpu-group/${GROUP}`, `20 ${haiku}`], [`100 ${sonnet}`]],
    ]);
  });

  test('a share in decimals is written as a person would', () => {
    expect(compared({ premiumSharePercent: 64.1 }).variants.at(-1)!.servedBy).toBe('35.9 % self-hosted, 64.1 % managed API');
  });

  test('another group of the stack stays', () => {
    const other = 'App/Other';
    const { Secret, Launch, Group } = resources(other);
    const launched = { ...Group!.Properties, LaunchTemplate: { LaunchTemplateId: { Ref: 'OtherLaunch' }, Version: '1' } };
    const second = { OtherSecret: Secret!, OtherLaunch: Launch!, OtherGroup: { ...Group!, Properties: launched } };
    const stack = stackOf({
      groups: [group(), group({ path: other, onDemandGroup: `${other}/Fleet/ASG` })],
      workflows: [workflow(), workflow({ id: 'Second', servedBy: [{ provider: 'gpu-group', model: other, sharePercent: 100 }] })],
      usage: [...declaration().usage!, { resource: other, quantities: { 'secrets-manager/request': 0, 'ebs/gp3-storage': 0 } }],
    }, { ...resources(), ...second });
    // The other group's instances and secret: 1,175.408
    expect(costs(compared({}, {}, stack))).toMatchObject({ managed: ['1396.408', '3376.408'], selfHosted: ['2351.816', '2351.816'] });
  });
});

describe('the break-even', () => {
  const managed = (comparison: Comparison): Comparison['breakEvens'][number] => comparison.breakEvens[0]!;
  const hosted = (comparison: Comparison): Comparison['breakEvens'][number] => comparison.breakEvens[1]!;

  test('against the managed API: (1,176.408 + 700 - 501) / 220', () => {
    const { advantage } = managed(compared());
    expect('unknown' in advantage ? NaN : cheaperFrom(advantage)! / (1375.408 / 220)).toBeCloseTo(1, 3);
    expect(breakEvenLine(compared(), managed(compared()))).toBe(
      'Self-hosted against managed API, with people counted: costs less from 6.26x today\'s volume (626,000 runs a month) on, compared up to 57x. '
      + 'Beyond 57x: the peak is beyond what the 2 replicas at most of App/Llama serve (CAP001).',
    );
  });

  test('against the hosted model: 208x, which two replicas do not serve', () => {
    expect(breakEvenLine(compared(), hosted(compared()))).toBe(
      'Self-hosted against hosted open model, with people counted: never costs less within 57x today\'s volume (5,700,000 runs a month). '
      + 'Beyond 57x: the peak is beyond what the 2 replicas at most of App/Llama serve (CAP001).',
    );
  });

  test('it is where the forecasts of both cross', () => {
    const scaling = { minReplicas: 0, maxReplicas: 30, targetConcurrencyPerReplica: 2, idleHoldSeconds: 900 };
    const comparison = compared({}, { groups: [group({ scaling })] });
    const { advantage } = managed(comparison);
    if ('unknown' in advantage) throw new Error(advantage.unknown.join());
    const dearer = (kind: string, multiple: number): number => {
      const { stack } = comparison.variants.find(v => v.kind === kind)!;
      const economics = { ...stack.declaration.economics!, growth: { usageMultiple: multiple, revenueMultiple: 1 } };
      const { costUsd, purposes } = forecastStack({ ...stack, declaration: { ...stack.declaration, economics } }, book).totals.at(-1)!;
      return costUsd.expected.plus(purposes.people).toNumber();
    };
    expect(advantage.cheaper.length).toBeGreaterThan(0);
    for (const { from, to } of advantage.cheaper) {
      expect(dearer('selfHosted', from)).toBeLessThan(dearer('managed', from));
      expect(dearer('selfHosted', from / 1.001)).toBeGreaterThanOrEqual(dearer('managed', from / 1.001));
      if (to < advantage.comparedUpTo) expect(dearer('selfHosted', to * 1.001)).toBeGreaterThanOrEqual(dearer('managed', to * 1.001));
    }
  });

  test('cheaper only between two volumes is told as such', () => {
    const { other } = managed(compared());
    const advantage = { cheaper: [{ from: 2, to: 5 }, { from: 7.123, to: 7.456 }], comparedUpTo: 100, limitedBy: [] };
    expect(breakEvenLine(compared(), { other, advantage }))
      .toBe('Self-hosted against managed API, with people counted: costs less only at 2x to 5x; 7.13x to 7.45x of today\'s volume, compared up to 100x.');
  });

  test('an unknown price has none', () => {
    const comparison = compared({ managed: { provider: 'aws', model: 'nobody.nothing-v1' } });
    expect(managed(comparison).advantage).toMatchObject({ unknown: [expect.stringContaining('nobody.nothing-v1')] });
    expect(breakEvenLine(comparison, managed(comparison))).toContain('the break-even is unknown, because no token price for aws nobody.nothing-v1');
    expect(hosted(comparison).advantage).toMatchObject({ comparedUpTo: expect.any(Number) });
  });
});

describe('the recommendation', () => {
  test('don\'t self-host', () => {
    // 507.60 of 1,876.41, and 567 of it
    expect(recommendationText(compared())).toBe('Don\'t self-host: hosted open model meets the target of 60 % at 10x '
      + 'and costs 73 % less at 1x and 70 % less at 10x than self-hosted, with people counted.');
  });

  test('self-host from a volume on', () => {
    // 1,876.41 of 721, and of 2,701
    expect(recommendationText(compared(NO_HOSTED))).toBe('Self-host from 6.26x today\'s volume (626,000 runs a month): it meets the target of 60 % at 10x '
      + 'and costs 160 % more at 1x and 31 % less at 10x than managed API, with people counted.');
  });

  test('without a rate people are not counted, and the text says so', () => {
    const comparison = compared(NO_HOSTED, { economics: { targetGrossMarginPercent: 60 } });
    expect(recommendationText(comparison)).toMatch(/^Self-host from 5\.35x .*, without people\.$/); // 1,175.408 / 220 = 5.3428
    expect(comparisonTable(comparison)).toContain('People are not counted: declare engineering.hourlyUsd to count 4 hours a month for own GPUs.');
    expect(comparisonSchema.parse(comparisonDocument(comparison))).toMatchObject({ people: null, variants: [{ scales: [{ costWithPeopleUsd: '221' }, {}] }, {}, {}] });
  });

  test('nobody meets the target: none is advised', () => {
    expect(recommendationText(compared({}, { workflows: [workflow({ revenue: { usdPerRun: 0.0001 } })] })))
      .toBe('No variant whose cost is known meets the target of 60 % at 10x; hosted open model costs least, at a margin of 33.0 %.');
  });

  test('something unknown that could cost less stops it', () => {
    expect(recommendationText(compared({ managed: { provider: 'aws', model: 'nobody.nothing-v1' } })))
      .toBe('No recommendation: not the whole cost of managed API is known at 10x, and what is unknown could decide.');
  });

  test('something unknown that costs more already does not', () => {
    const comparison = compared({}, { workflows: [workflow({ peakConcurrency: 40 })] });
    const own = comparison.variants.find(v => v.kind === 'selfHosted')!;
    expect(own.scales.map(s => s.complete)).toEqual([true, false]);
    expect(own.unknown).toEqual(['the peak is beyond what the 2 replicas at most of App/Llama serve (CAP001)']);
    expect(recommendationText(comparison)).toContain('costs 73 % less at 1x and at least 70 % less at 10x than self-hosted');
  });

  test('what costs less and misses the target is named', () => {
    // At 10x 1,600 may be spent: 2,201 on the API is too much, 1,176.41 on own GPUs is not, with 1,200 for people on top.
    const comparison = compared({ ...NO_HOSTED, peopleHoursPerMonth: 24 }, { workflows: [workflow({ revenue: { usdPerRun: 0.004 } })] });
    expect(recommendationText(comparison)).toBe('Self-host: it meets the target of 60 % at 10x and costs 299 % more at 1x and 6.5 % more at 10x '
      + 'than managed API, with people counted. What costs less misses the target: managed API.');
  });

  test('hybrid, where a last replica for few calls costs more than they do at an API', () => {
    // 58 calls in flight day and night: two replicas, or one for 80 % of them. No growth, so one scale.
    const steady = workflow({ runsPerMonth: 762_000, averageDurationSeconds: 200, peakConcurrency: 58 });
    const comparison = compared({ ...NO_HOSTED, peopleHoursPerMonth: 0 }, {
      groups: [group({ scaling: { minReplicas: 0, maxReplicas: 2, targetConcurrencyPerReplica: 256, idleHoldSeconds: 900 } })],
      workflows: [steady], economics: { targetGrossMarginPercent: 60, growth: { usageMultiple: 1 } },
    });
    // 762,000 x .0022 + 1; 1,175.008 + 1.40; 587.504 + 1.40 + 20 % of 1,676.40
    expect(costs(comparison)).toEqual({ managed: ['1677.4'], selfHosted: ['1176.408'], hybrid: ['924.184'] });
    expect(recommendationText(comparison)).toBe('Go hybrid: it meets the target of 60 % at 1x and costs 45 % less at 1x than managed API, without people.');
  });
});

test('whatever size the group has, the managed API costs the same', () => {
  const shape = fc.record({
    max: fc.integer({ min: 1, max: 60 }), min: fc.integer({ min: 0, max: 60 }), target: fc.integer({ min: 1, max: 400 }),
    purchase: fc.constantFrom({ kind: 'onDemand' } as const, { kind: 'spotWithFallback', onDemandBase: 0, holdSeconds: 900, maxSpotPricePercent: 80 } as const),
    secrets: fc.nat({ max: 5 }),
  });
  fc.assert(fc.property(shape, ({ max, min, target, purchase, secrets }) => {
    const more = Object.fromEntries(Array.from({ length: secrets }, (_, i) => [`Secret${i}`, resources().Secret!]));
    const scaling = { minReplicas: Math.min(min, max), maxReplicas: max, targetConcurrencyPerReplica: target, idleHoldSeconds: 900 };
    const stack = stackOf({ groups: [group({ scaling, purchase })] }, { ...resources(), ...more });
    const [managed] = variantsOf(stack, stack.declaration.groups[0]!, ASKED);
    const { totals } = forecastStack(managed!.stack, book);
    expect(totals.map(t => [t.costUsd.expected.toFixed(), t.complete])).toEqual([['221', true], ['2201', true]]);
  }), { numRuns: 40 });
});
