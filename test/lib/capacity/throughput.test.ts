/** The formula against measured points, and what a measurement of one's own makes of it. */
import * as fc from 'fast-check';
import { catalogInstance } from '../../../lib/capacity/instances';
import { presetModel } from '../../../lib/capacity/models';
import { throughputOf } from '../../../lib/capacity/throughput';
import { InputError } from '../../../lib/errors';
import { MeasuredPoint } from '../../../lib/contracts/gpu-group';
import { anyInstance, anyModel, example } from './groups';
import { Point, pointsOf } from './points';

const CALL = { inputTokens: 3200, outputTokens: 700 };
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const errorOf = ({ measured, ...point }: Point, points: readonly Point[]): number =>
  Math.abs(throughputOf({ ...point, measured: points.map(p => p.measured) }, measured.concurrency, point.call).tokensPerSecond.expected / measured.tokensPerSecond - 1);

describe('the formula', () => {
  const errors = pointsOf('points.csv').map(point => errorOf(point, []));

  test('is within 16 % for half of the sample, and within the stated 50 % for 18 of 20', () => {
    expect(errors).toHaveLength(20);
    expect(median(errors)).toBeLessThan(0.16);
    expect(errors.filter(error => error > 0.5).length).toBeLessThanOrEqual(2);
  });

  test('by hand: one call of 8B in 16 bits on an A10G reads 16 GB of weights for each token', () => {
    const group = example({ model: presetModel('llama31_8b'), instances: [catalogInstance('g5.xlarge')!] });
    // 16.06 GB and 3,550 tokens x 128 KiB over .9 x 600 GB/s: 30.6 ms. 32 layers x 40 us: 1.3 ms. The prompt: 2 x 8.03e9 x 3,200 / (.35 x 70e12) / 700: 3.0 ms.
    const { tokensPerSecond, secondsPerCall, uncertaintyPercent } = throughputOf(group, 1, CALL);
    expect(tokensPerSecond.expected).toBeCloseTo(1000 / 34.88, 1);
    expect(secondsPerCall).toBeCloseTo(700 / tokensPerSecond.expected, 6);
    expect(uncertaintyPercent).toBe(50);
    expect(tokensPerSecond.low).toBeCloseTo(tokensPerSecond.expected / 2, 6);
    expect(tokensPerSecond.high).toBeCloseTo(tokensPerSecond.expected * 1.5, 6);
  });

  test('FP8 weights compute in 16 bits where the GPU has no fp8 units', () => {
    const l4 = catalogInstance('g6.xlarge')!;
    const without = { ...l4, teraflops: { bf16: l4.teraflops.bf16 } };
    const prompts = { inputTokens: 4000, outputTokens: 1 };
    const rate = (instance: typeof l4, precision: 'bf16' | 'fp8') =>
      throughputOf(example({ model: presetModel('qwen3_8b', precision), instances: [instance] }), 4, prompts).tokensPerSecond.expected;
    expect(rate(l4, 'fp8') / rate(without, 'fp8')).toBeGreaterThan(1.8);
    expect(rate(without, 'fp8') / rate(l4, 'bf16')).toBeLessThan(1.1);
  });

  test('calls that memory has no room for wait', () => {
    const group = example({ model: presetModel('llama31_8b'), instances: [catalogInstance('g6.xlarge')!] });
    const [full, over] = [4, 40].map(calls => throughputOf(group, calls, CALL));
    expect(over!.tokensPerSecond.expected).toBe(full!.tokensPerSecond.expected);
    expect(over!.secondsPerCall).toBeCloseTo(10 * full!.secondsPerCall, 6);
  });

  test('an embedding model: input tokens a second, near what its arithmetic allows', () => {
    const group = example({ model: presetModel('qwen3Embedding06b'), instances: [catalogInstance('g6.xlarge')!] });
    const { tokensPerSecond, secondsPerCall } = throughputOf(group, 32, { inputTokens: 500, outputTokens: 0 });
    const bound = 0.35 * 121e12 / (2 * 0.596e9);
    expect(tokensPerSecond.expected).toBeLessThan(bound);
    expect(tokensPerSecond.expected).toBeGreaterThan(bound * 0.9);
    expect(secondsPerCall).toBeCloseTo(32 * 500 / tokensPerSecond.expected, 6);
  });

  test('more calls in flight never mean fewer tokens a second, for any model on any machine', () => {
    const anyCall = fc.record({ inputTokens: fc.integer({ min: 1, max: 30_000 }), outputTokens: fc.integer({ min: 1, max: 4000 }) });
    fc.assert(fc.property(anyModel, anyInstance, fc.integer({ min: 1, max: 300 }), fc.nat(300), anyCall,
      (model, instance, calls, more, call) => {
        const rate = (n: number) => throughputOf({ model, instances: [instance], measured: [] }, n, call).tokensPerSecond.expected;
        expect(rate(calls)).toBeGreaterThan(0);
        expect(rate(calls + more)).toBeGreaterThanOrEqual(rate(calls) * (1 - 1e-12));
      }));
  });
});

describe('with measured points', () => {
  const point = (concurrency: number, tokensPerSecond: number, call = CALL): MeasuredPoint =>
    ({ concurrency, tokensPerSecond, inputTokensPerCall: call.inputTokens, outputTokensPerCall: call.outputTokens });
  const with_ = (measured: MeasuredPoint[], concurrency: number, call = CALL) => throughputOf(example({ measured }), concurrency, call);

  test('a straight time per token is found again', () => {
    const exact = [2, 8, 16, 32].map(c => point(c, c / (0.01 + 0.0005 * c)));
    const { tokensPerSecond, uncertaintyPercent, source } = with_(exact, 24);
    expect(tokensPerSecond.expected).toBeCloseTo(24 / (0.01 + 0.0005 * 24), 6);
    expect(uncertaintyPercent).toBe(10);
    expect(source).toBe('4 measured points');
  });

  test('a line through all points of a real series passes within 10 % of each, and through the others within 15 % of one left out', () => {
    const series = pointsOf('series.csv');
    for (const name of new Set(series.map(({ model }) => model.name))) {
      const points = series.filter(({ model }) => model.name === name);
      const concurrencies = points.map(({ measured }) => measured.concurrency);
      for (const one of points) {
        expect(errorOf(one, points)).toBeLessThan(0.1);
        const inside = one.measured.concurrency > Math.min(...concurrencies) && one.measured.concurrency < Math.max(...concurrencies);
        if (inside) expect(errorOf(one, points.filter(other => other.measured.concurrency !== one.measured.concurrency))).toBeLessThan(0.15);
      }
    }
  });

  test('one point moves the formula to itself', () => {
    const { tokensPerSecond, uncertaintyPercent } = with_([point(16, 500)], 16);
    expect(tokensPerSecond.expected).toBeCloseTo(500, 6);
    expect(uncertaintyPercent).toBe(20);
    const [half, full] = [8, 16].map(calls => throughputOf(example(), calls, CALL).tokensPerSecond.expected);
    expect(with_([point(16, 500)], 8).tokensPerSecond.expected).toBeCloseTo(500 * half! / full!, 6);
  });

  test.each([
    ['twice the calls', 33, CALL], ['half of the calls', 7, CALL], ['much longer prompts', 16, { ...CALL, inputTokens: 10_000 }], ['much shorter answers', 16, { ...CALL, outputTokens: 100 }],
  ])('more than %s is not believed', (_, concurrency, call) => {
    expect(with_([point(16, 500)], concurrency, call).uncertaintyPercent).toBe(50);
  });

  test('far beyond the points the formula goes on from twice as far: a line through 1 and 2 knows no end', () => {
    const near = [point(1, 100), point(2, 200)];
    const formula = (calls: number) => throughputOf(example(), calls, CALL).tokensPerSecond.expected;
    expect(with_(near, 4).tokensPerSecond.expected).toBeCloseTo(400, 6);
    const { tokensPerSecond, uncertaintyPercent } = with_(near, 32);
    expect(tokensPerSecond.expected).toBeCloseTo(400 * formula(32) / formula(4), 6);
    expect(tokensPerSecond.expected).toBeLessThan(1500); // The line alone: 3,200.
    expect(uncertaintyPercent).toBe(50);
    const high = [point(32, 800), point(64, 1000)];
    expect(with_(high, 2).tokensPerSecond.expected).toBeCloseTo(with_(high, 16).tokensPerSecond.expected * formula(2) / formula(16), 6);
  });

  test('calls that memory or the batch has no place for add nothing, unless they were measured', () => {
    const small = { model: presetModel('llama31_8b'), instances: [catalogInstance('g6.xlarge')!] };
    const rate = (measured: MeasuredPoint[], calls: number) => throughputOf({ ...small, measured }, calls, CALL).tokensPerSecond.expected;
    const few = [point(1, 15), point(2, 29)];
    expect(rate(few, 3)).toBeGreaterThan(rate(few, 2));
    expect(rate(few, 40)).toBe(rate(few, 4)); // 15k tokens hold three calls and nearly a fourth.
    expect(rate([...few, point(8, 60)], 8)).toBeGreaterThan(rate([...few, point(8, 60)], 4));
    const short = { inputTokens: 100, outputTokens: 50 };
    expect(with_([point(128, 5000, short), point(200, 7000, short)], 400, short).tokensPerSecond.expected)
      .toBe(with_([point(128, 5000, short), point(200, 7000, short)], 256, short).tokensPerSecond.expected);
  });

  test('the smallest memory of a group decides how many calls run at a time on any of its machines', () => {
    const short = { inputTokens: 100, outputTokens: 50 };
    const rate = (types: string[]) => throughputOf(example({ instances: types.map(type => catalogInstance(type)!) }), 600, short).tokensPerSecond.expected;
    expect(rate(['p5.4xlarge', 'g6e.xlarge'])).toBeLessThan(rate(['p5.4xlarge']));
  });

  test('an embedding model has measured points too, of processed tokens', () => {
    const call = { inputTokens: 500, outputTokens: 0 };
    const model = presetModel('qwen3Embedding06b');
    const measured = [8, 16, 32, 64].map(c => point(c, c / (0.0001 + 0.00002 * c), call));
    const { tokensPerSecond, uncertaintyPercent, source, secondsPerCall } = throughputOf(example({ model, measured }), 24, call);
    expect(tokensPerSecond.expected).toBeCloseTo(24 / (0.0001 + 0.00002 * 24), 6);
    expect([uncertaintyPercent, source]).toEqual([10, '4 measured points']);
    expect(secondsPerCall).toBeCloseTo(24 * 500 / tokensPerSecond.expected, 6);
    // What was declared as its output is none.
    expect(throughputOf(example({ model, measured }), 24, { ...call, outputTokens: 300 })).toEqual(throughputOf(example({ model, measured }), 24, call));
  });

  test('a result of the other kind of model is refused', () => {
    const embedded = point(8, 10_000, { inputTokens: 500, outputTokens: 0 });
    const of = (model: ReturnType<typeof presetModel>, measured: MeasuredPoint[]) => () => throughputOf(example({ model, measured }), 8, CALL);
    expect(of(presetModel('llama31_8b'), [point(8, 300), embedded])).toThrow(/^benchmark 2 generated no tokens, and .*8b.* is a model that generates; give .* such as openai/);
    expect(of(presetModel('qwen3Embedding06b'), [point(8, 300)])).toThrow(/^benchmark 1 generated 700 tokens a call, and .* is an embedding model; .*openai-embeddings/);
    expect(of(presetModel('qwen3Embedding06b'), [point(8, 300)])).toThrow(InputError);
  });

  test('fewer than four concurrencies, a place outside of them, or calls of another length are no close fit', () => {
    const rate = (c: number) => point(c, c / (0.01 + 0.0005 * c));
    expect(with_([2, 8, 32].map(rate), 16).uncertaintyPercent).toBe(20);
    expect(with_([8, 8, 8, 16].map(rate), 16).uncertaintyPercent).toBe(20);
    expect(with_([2, 8, 16, 32].map(rate), 40).uncertaintyPercent).toBe(20);
    expect(with_([2, 8, 16, 32].map(rate), 16, { ...CALL, inputTokens: 4500 }).uncertaintyPercent).toBe(20);
  });

  test('calls of another length are moved as far as the formula moves', () => {
    const longer = { inputTokens: 4800, outputTokens: 700 };
    const [short, long] = [CALL, longer].map(call => throughputOf(example(), 16, call).tokensPerSecond.expected);
    expect(with_([point(16, 500)], 16, longer).tokensPerSecond.expected).toBeCloseTo(500 * long! / short!, 6);
  });

  test('whatever was measured, more calls never mean fewer tokens a second, and low <= expected <= high', () => {
    const anyPoint = fc.record({
      concurrency: fc.integer({ min: 1, max: 256 }), tokensPerSecond: fc.integer({ min: 1, max: 100_000 }), inputTokensPerCall: fc.integer({ min: 1, max: 8000 }),
      outputTokensPerCall: fc.integer({ min: 1, max: 2000 }),
    });
    fc.assert(fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 300 }), fc.nat(300), (measured, calls, more) => {
      const { low, expected, high } = with_(measured, calls).tokensPerSecond;
      expect(low).toBeGreaterThan(0);
      expect(expected).toBeGreaterThan(low);
      expect(high).toBeGreaterThan(expected);
      expect(with_(measured, calls + more).tokensPerSecond.expected).toBeGreaterThanOrEqual(expected * (1 - 1e-9));
    }));
  });
});
