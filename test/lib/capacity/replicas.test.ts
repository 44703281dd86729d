/** How many calls a replica holds and how many replicas a peak takes, up to the example of the design. */
import * as fc from 'fast-check';
import { catalogInstance } from '../../../lib/capacity/instances';
import { presetModel } from '../../../lib/capacity/models';
import { concurrencyPerReplica, replicasForPeak } from '../../../lib/capacity/replicas';
import { decimal } from '../../../lib/money';
import { anyGroup, example } from './groups';

const CALL = { inputTokens: 3200, outputTokens: 700 };

test('the example of the design is bound by its target and served at 1x and at 10x', () => {
  expect(concurrencyPerReplica(example(), CALL)).toMatchObject({ calls: 32, boundBy: 'target' });
  const at = (peak: number) => replicasForPeak(example(), { peak: decimal(peak), call: CALL });
  expect(at(120).needed.toNumber()).toBe(4);
  expect(at(1200).needed.toNumber()).toBe(38);
  for (const peak of [120, 1200]) expect(at(peak).unserved.isZero()).toBe(true);
  expect(at(1200).served.toNumber()).toBe(40 * 32);
  expect(at(1300).unserved.toNumber()).toBe(20);
  expect(at(0).needed.toNumber()).toBe(0);
});

test('8B in 16 bits on 24 GB is bound by memory: 3 calls of 3,900', () => {
  const small = example({ model: presetModel('llama31_8b'), instances: [catalogInstance('g6.xlarge')!], maxModelLength: 8192 });
  expect(concurrencyPerReplica(small, CALL)).toMatchObject({ calls: 3, boundBy: 'kv' });
});

test('short calls are bound by what vLLM takes into one batch on GPUs of the smallest memory', () => {
  const short = { inputTokens: 100, outputTokens: 50 };
  const many = (types: string[], target: number) =>
    concurrencyPerReplica(example({ instances: types.map(type => catalogInstance(type)!), scaling: { ...example().scaling, targetConcurrencyPerReplica: target } }), short);
  expect(many(['g6e.xlarge'], 300)).toMatchObject({ calls: 256, boundBy: 'batch' });
  expect(many(['g6e.xlarge'], 256)).toMatchObject({ calls: 256, boundBy: 'target' });
  expect(many(['p5.4xlarge'], 300)).toMatchObject({ calls: 300, boundBy: 'target' });
  expect(many(['p5.4xlarge'], 1025)).toMatchObject({ calls: 1024, boundBy: 'batch' });
  expect(many(['p5.4xlarge', 'g6e.xlarge'], 300)).toMatchObject({ calls: 256, boundBy: 'batch' });
});

test('the instance type that holds the fewest counts, in any order', () => {
  const types = ['p5.4xlarge', 'g6e.xlarge'].map(type => catalogInstance(type)!);
  const long = { inputTokens: 12_000, outputTokens: 2000 };
  const [first, second] = [types, types.toReversed()].map(instances => concurrencyPerReplica(example({ instances }), long));
  expect(first).toEqual(second);
  expect(first).toEqual(concurrencyPerReplica(example(), long));
});

test('calls longer than the longest are not served by any number of replicas', () => {
  const long = { inputTokens: 16_000, outputTokens: 385 };
  expect(concurrencyPerReplica(example(), long)).toMatchObject({ calls: 0, boundBy: 'kv' });
  const { needed, served, unserved } = replicasForPeak(example(), { peak: decimal(10), call: long });
  expect(needed.isFinite()).toBe(false);
  expect(served.isZero()).toBe(true);
  expect(unserved.toNumber()).toBe(10);
});

test('what is served and what is not add up to the peak, and the replicas needed are just enough', () => {
  fc.assert(fc.property(anyGroup, fc.nat(5000), fc.integer({ min: 1, max: 8000 }), (group, peak, inputTokens) => {
    const call = { inputTokens, outputTokens: 500 };
    const { calls } = concurrencyPerReplica(group, call);
    const { needed, served, unserved } = replicasForPeak(group, { peak: decimal(peak), call });
    expect(calls).toBeLessThanOrEqual(group.scaling.targetConcurrencyPerReplica);
    expect(needed.times(calls).gte(peak)).toBe(true);
    if (peak > 0) expect(needed.minus(1).times(calls).lt(peak)).toBe(true);
    expect(unserved.gt(0)).toBe(needed.gt(group.scaling.maxReplicas));
    expect(unserved.toNumber()).toBe(Math.max(0, peak - served.toNumber()));
  }));
});
