/** A route on recorded answers: by the gateway's own steps, its figures against values computed by hand. */
import fc from 'fast-check';
import { GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { pricesOf } from '../../../../lib/gateway/evaluation/costs';
import { Evaluation, evaluate } from '../../../../lib/gateway/evaluation/evaluate';
import { Recorded } from '../../../../lib/gateway/evaluation/recorded';
import { pairOf, replay } from '../../../../lib/gateway/evaluation/replay';
import { CHECKS, PROBLEMS, configuration, parsedConfiguration, recorded } from './problems';

/** A tokenizer of its own, to compute by hand. */
const words = (text: string): number => text.split(/\s+/).length;

type Of = Parameters<typeof configuration>;

function inputs(of: Of): Omit<Parameters<typeof evaluate>[1], 'seed'> {
  const config = parsedConfiguration(...of);
  const [workflow] = config.workflows as [typeof config.workflows[number]];
  const chatTiers = workflow.tiers.flatMap(id => config.tiers.filter(tier => tier.id === id && tier.kind === 'chat'));
  return { workflow, chatTiers, prices: pricesOf(pairOf(workflow, chatTiers), config.priceOverrides), countTokens: words };
}

const evaluated = async (records: readonly Recorded[], of: Of, seed = 1): Promise<Evaluation> => evaluate(records, { ...inputs(of), seed });

/** Records of which nothing matters but how good the answers are. */
const graded = (grades: readonly (readonly [weak: number, strong: number])[]): Recorded[] => grades.map(([weak, strong], i) =>
  ({ line: i + 1, prompt: `Question ${i}`, task: undefined, weak: { response: 'so', correct: weak }, strong: { response: 'thus', correct: strong } }));

test('checks alone: the figures are those computed by hand', async () => {
  const { premium, checks, quality, recovered, failing, notMade, byRule, calls } = await evaluated(recorded(), [{ checks: CHECKS }]);
  expect({ calls, byRule, premium }).toEqual({ calls: 12, byRule: 0, premium: { byChoice: 0, byEscalation: 4 } });
  expect(checks).toMatchObject({
    flagged: { above: 4, below: 12 }, precision: { above: 3, below: 4 }, recall: { above: 3, below: 4 },
    kinds: { regex: { above: 1, below: 2 }, 'numeric-recompute': { above: 2, below: 2 } },
  });
  expect(quality).toMatchObject({ weak: { above: 8, below: 12 }, strong: { above: 10, below: 12 }, route: { above: 9, below: 12 } });
  expect(recovered).toMatchObject({ above: 1, below: 2, value: 0.5 });
  // Of the rope both answers fail, and the premium one, which is wrong, is given.
  expect([failing.above, failing.below, [...notMade]]).toEqual([0, 1, []]);
});

test('recall is of the wrong answers, precision of those that fail', async () => {
  const { checks } = await evaluated(recorded(), [{ checks: CHECKS.slice(0, 1) }]);
  expect(checks).toMatchObject({ flagged: { above: 2, below: 12 }, precision: { above: 1, below: 2 }, recall: { above: 1, below: 4 } });
});

test('what begins at the premium tier is no cheap answer, though it is checked', async () => {
  const { checks, failing, premium } = await evaluated(recorded(), [{ checks: CHECKS, classes: [{ id: 'rope', tier: 'large', patterns: ['rope'] }] }]);
  expect([premium, checks?.flagged.above, checks?.flagged.below, failing.below]).toEqual([{ byChoice: 1, byEscalation: 3 }, 3, 11, 1]);
  expect((await evaluated(recorded(), [{ checks: CHECKS }, ['large', 'small']])).checks).toBeUndefined();
});

test('costs are those of the answers that are asked for, at the tiers\' own prices', async () => {
  const { costs, saved, added } = await evaluated(recorded(), [{ checks: CHECKS }]);
  const cost = (usd: number, each: typeof PROBLEMS[number], answer: string): number => (usd * (words(each.prompt) + 7) + 2 * usd * words(answer)) * 1000;
  // A chat template adds 7 tokens to a prompt of one message.
  const escalated = (i: number): boolean => [6, 7, 9, 10].includes(i);
  const weak = PROBLEMS.reduce((sum, each) => sum + cost(1, each, each.weak_response), 0);
  const strong = PROBLEMS.reduce((sum, each) => sum + cost(10, each, each.strong_response), 0);
  const route = weak + PROBLEMS.reduce((sum, each, i) => sum + (escalated(i) ? cost(10, each, each.strong_response) : 0), 0);
  expect(costs).toEqual({ weak, strong, route });
  expect(saved.value).toBeCloseTo(1 - route / strong, 12);
  expect(added.value).toBeCloseTo(route / weak - 1, 12);
});

test('of an unknown price nothing is $0: what needs it is unknown, with its reason', async () => {
  const { tiers, ...config } = parsedConfiguration({ checks: CHECKS });
  const unpriced = tiers.map(tier => tier.id === 'large' ? { ...tier, price: { provider: 'aws', model: 'nobody.nothing-v1', serviceTier: 'standard' as const } } : tier);
  const [workflow] = config.workflows as [typeof config.workflows[number]];
  const chatTiers = unpriced.filter(({ id }) => workflow.tiers.includes(id));
  const { costs, saved, added, recovered } = await evaluate(recorded(), { workflow, chatTiers, prices: pricesOf(pairOf(workflow, chatTiers), []), countTokens: words, seed: 1 });
  expect(costs).toMatchObject({ weak: expect.any(Number), strong: { unknown: expect.stringContaining('nobody.nothing-v1') }, route: { unknown: expect.stringContaining('large') } });
  expect([saved.value, added.value, recovered.value]).toEqual([null, null, 0.5]);
});

describe('the recovered gap', () => {
  const grades = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 12 });
  const gapOf = (of: readonly (readonly [number, number])[]): number => of.reduce((sum, [weak, strong]) => sum + strong - weak, 0);

  test('is 0 where all answers are cheap, 1 where all are premium, and none where premium is no better', async () => {
    await fc.assert(fc.asyncProperty(grades, async of => {
      fc.pre(Math.abs(gapOf(of)) > 1e-6);
      const cheap = await evaluated(graded(of), [{}, ['small', 'large']]);
      const premium = await evaluated(graded(of), [{}, ['large', 'small']]);
      expect(cheap.premium).toEqual({ byChoice: 0, byEscalation: 0 });
      expect(premium.premium).toEqual({ byChoice: of.length, byEscalation: 0 });
      if (gapOf(of) < 0) expect([cheap.recovered.value, premium.recovered.value]).toEqual([null, null]);
      else {
        expect(cheap.recovered.value).toBe(0);
        expect(premium.recovered.value).toBeCloseTo(1, 9);
      }
      expect([cheap.saved.value! > 0, cheap.added.value, premium.saved.value]).toEqual([true, 0, 0]);
    }), { numRuns: 40 });
  });

  test('is none where the two are alike', async () => {
    expect((await evaluated(graded([[1, 0], [0, 1], [0.5, 0.5]]), [{}])).recovered).toMatchObject({ value: null, low: null, high: null });
  });

  test('has no bounds where the gap may be none', async () => {
    expect((await evaluated(graded([[1, 1], [0, 1], [1, 0], [0, 1], [1, 1]]), [{}])).recovered).toMatchObject({ value: 0, low: null, high: null });
  });
});

test('a premium answer that is worse counts as it is', async () => {
  const rope = recorded().filter(({ line }) => line === 10);
  const { quality, recovered } = await evaluated([...rope, ...graded([[0, 1], [0, 1]])], [{ checks: CHECKS.slice(0, 1) }]);
  // All three are escalated: one right answer becomes a wrong one.
  expect([quality.weak.above, quality.route.above, recovered.value]).toEqual([1, 2, 1]);
});

describe('the route is the gateway\'s own', () => {
  const many = (n: number): Recorded[] => Array.from({ length: n }, (_, i) => ({ ...recorded()[i % 12]!, line: i + 1 }));

  test('the premium share is held, whatever it is for, and used', async () => {
    const { premium, notMade } = await evaluated(many(600), [{ checks: CHECKS, maxPremiumSharePercent: 25 }]);
    expect(premium.byChoice + premium.byEscalation).toBeLessThanOrEqual(150);
    expect(premium.byChoice + premium.byEscalation).toBeGreaterThan(130);
    expect(premium.byEscalation).toBeGreaterThan(premium.byChoice);
    expect([...notMade.keys()]).toEqual(['share-full']);
  });

  test('a share of 0 is none', async () => {
    const { premium, failing, notMade } = await evaluated(recorded(), [{ checks: CHECKS, maxPremiumSharePercent: 0 }]);
    expect([premium, failing.below, [...notMade]]).toEqual([{ byChoice: 0, byEscalation: 0 }, 4, [['share-full', 4]]]);
  });

  test('the task is the class where the route has it; the others are counted', async () => {
    const records = recorded().map((record, i) => ({ ...record, task: i < 3 ? 'word-problem' : i < 8 ? 'poetry' : undefined }));
    const { premium, unclassed } = await evaluated(records, [{ classes: [{ id: 'word-problem', tier: 'large' }] }]);
    expect([premium, unclassed]).toEqual([{ byChoice: 3, byEscalation: 0 }, 5]);
  });

  test('without a task, a class goes by its patterns; of one that gains nothing no answer is escalated', async () => {
    const { notMade, premium } = await evaluated(recorded(), [{ checks: CHECKS, classes: [{ id: 'rope', gain: 0, patterns: ['\\brope\\b'] }, { id: 'rest', gain: 0.2, patterns: ['.'] }] }]);
    expect([premium, [...notMade]]).toEqual([{ byChoice: 0, byEscalation: 3 }, [['no-gain', 1]]]);
  });

  test('what a rule answers costs nothing and is in no quality', async () => {
    const { byRule, quality, premium, costs } = await evaluated(recorded(), [{ bypass: [{ kind: 'regex', id: 'clock', pattern: 'A clock .*', answer: '62' }] }]);
    const whole = await evaluated(recorded(), [{}]);
    expect([byRule, premium, quality.weak.above, quality.weak.below]).toEqual([1, { byChoice: 0, byEscalation: 0 }, 7, 11]);
    expect([costs.weak, costs.strong]).toEqual([whole.costs.weak, whole.costs.strong]);
    expect(costs.route).toBeLessThan(whole.costs.route as number);
  });

  test('all calls by a rule: no share, no quality, no cost', async () => {
    const { byRule, quality, costs, recovered } = await evaluated(recorded(), [{ bypass: [{ kind: 'regex', id: 'all', pattern: '.*', answer: 'No.' }] }]);
    expect([byRule, quality.route.value, recovered.value, costs.route]).toEqual([12, null, null, 0]);
  });

  test('functions are not called: their calls go on', async () => {
    const { byRule } = await evaluated(recorded(), [{ bypass: [{ kind: 'function', id: 'stock', url: 'http://127.0.0.1:9/' }] }]);
    expect(byRule).toBe(0);
  });

  test('the cache is off, so that the same call twice is two calls', async () => {
    const { calls, costs } = await evaluated([...recorded(), ...recorded().map(each => ({ ...each, line: each.line + 12 }))], [{ cache: { ttlSeconds: 60, sampled: true } }]);
    expect([calls, costs.route]).toEqual([24, costs.weak]);
  });

  test('each call is explained, and the seed decides the order', async () => {
    const { workflow, chatTiers } = inputs([{ checks: CHECKS }]);
    const order = async (seed: number): Promise<number[]> => (await replay(recorded(), workflow, chatTiers, seed)).map(({ record }) => record.line);
    expect(await order(4)).toEqual(await order(4));
    expect(await order(4)).not.toEqual(await order(5));
    const tickets = (await replay(recorded(), workflow, chatTiers, 4)).find(({ record }) => record.line === 7)!;
    expect(tickets).toMatchObject({ asked: ['weak', 'strong'], given: 'strong', cheapFailed: ['regex'], route: { choice: 'order', escalation: 'made', failedChecks: [] } });
  });
});

describe('a route that cannot be evaluated', () => {
  const withTiers = (...tiers: string[]): Promise<Evaluation> => evaluated(recorded(), [{}, tiers]);
  test('without a premium tier, or with nothing else', async () => {
    await expect(withTiers('small', 'other')).rejects.toThrow('The workflow Maths lacks a premium one among its chat tiers (small, other)');
    await expect(withTiers('large', 'vectors')).rejects.toThrow('The workflow Maths lacks one that is not premium among its chat tiers (large)');
  });

  test('with a class at a tier of which there are no answers, where there is a call of it', async () => {
    const route: NonNullable<GatewayConfigInput['workflows'][number]['route']> = { classes: [{ id: 'rope', tier: 'other', patterns: ['rope'] }] };
    const of: Of = [route, ['small', 'large', 'other']];
    await expect(evaluated(recorded(), of)).rejects.toThrow(/^Calls of class rope begin at tier other, of which the data has no answers/);
    expect((await evaluated(recorded().slice(0, 5), of)).calls).toBe(5);
  });
});
