/** What fits and what does not, by hand and for any model on any machine. */
import * as fc from 'fast-check';
import { fitOn } from '../../../lib/capacity/fit';
import { catalogInstance } from '../../../lib/capacity/instances';
import { presetModel } from '../../../lib/capacity/models';
import { anyInstance, anyModel } from './groups';

const on = (type: string) => catalogInstance(type)!;

test.each(['g5.xlarge', 'g6.xlarge'])('8B in 16 bits on the 24 GB of %s keeps about 15 thousand tokens, so 3 calls of 3,900', type => {
  // .9 x 22,888 MiB = 21.60 GB; less 16.06 of weights and 3.5 of overhead: 2.04 GB of 131,072 bytes a token.
  const fit = fitOn(presetModel('llama31_8b'), on(type), 8192);
  expect(fit).toMatchObject({ fits: true, kvBytesPerToken: 131_072, overheadBytes: 3.5e9 });
  expect(fit.kvTokens).toBeGreaterThan(15_000);
  expect(fit.kvTokens).toBeLessThan(16_000);
  expect(Math.floor(fit.kvTokens / 3900)).toBe(3);
});

test('70B in 16 bits is refused on 24 GB, with the arithmetic', () => {
  const fit = fitOn(presetModel('llama31_70b'), on('g6.xlarge'), 8192);
  expect(fit).toMatchObject({ fits: false, kvTokens: 0 });
  expect(fit.arithmetic).toBe('90 % of 24.0 GB on 1 GPU is 21.6 GB; weights of 141.1 GB and 3.5 GB of overhead are 123.0 GB too much.');
});

test('what leaves less room than the longest call does not fit', () => {
  const fit = fitOn(presetModel('llama31_8b'), on('g6.xlarge'), 16_384);
  expect(fit.fits).toBe(false);
  expect(fit.arithmetic).toMatch(/leave 2\.0 GB, room for 15,\d{3} tokens of 128 KiB; the longest call has 16,384\.$/);
  expect(fitOn(presetModel('llama31_8b'), on('g6.xlarge'), fit.kvTokens).fits).toBe(true);
  expect(fitOn(presetModel('llama31_8b'), on('g6.xlarge'), fit.kvTokens + 1).fits).toBe(false);
});

test('70B in FP8 fits four L40S, which keep 320 KiB a token among them', () => {
  expect(fitOn(presetModel('llama31_70b', 'fp8'), on('g6e.12xlarge'), 32_768)).toMatchObject({ fits: true, kvBytesPerToken: 320 * 1024, overheadBytes: 14e9 });
});

test('a KV head that GPUs cannot divide is kept by each of them', () => {
  const two = { ...presetModel('llama31_8b'), kvHeads: 2 };
  expect(fitOn(two, { gpus: 2, memoryMib: 40_960 }, 1).kvBytesPerToken).toBe(2 * 32 * 2 * 128 * 2);
  expect(fitOn(two, { gpus: 8, memoryMib: 40_960 }, 1).kvBytesPerToken).toBe(2 * 32 * 8 * 128 * 2);
});

test('tokens never take more than memory has, and one more would', () => {
  fc.assert(fc.property(anyModel, anyInstance, fc.integer({ min: 1, max: 131_072 }), (model, instance, longest) => {
    const { kvTokens, kvBytesPerToken, usableBytes, weightBytes, overheadBytes, fits } = fitOn(model, instance, longest);
    const used = kvTokens * kvBytesPerToken + weightBytes + overheadBytes;
    expect(fits).toBe(kvTokens >= longest);
    expect(Number.isInteger(kvTokens)).toBe(true);
    if (kvTokens > 0) expect(used).toBeLessThanOrEqual(usableBytes);
    expect(used + kvBytesPerToken).toBeGreaterThan(usableBytes - 1);
  }));
});

test('more memory never keeps fewer tokens, heavier weights never more', () => {
  fc.assert(fc.property(anyModel, anyInstance, fc.nat(100_000), fc.nat(200), (model, instance, moreMib, moreGigabytes) => {
    const tokens = (m: typeof model, i: typeof instance) => fitOn(m, i, 1).kvTokens;
    expect(tokens(model, { ...instance, memoryMib: instance.memoryMib + moreMib })).toBeGreaterThanOrEqual(tokens(model, instance));
    expect(tokens({ ...model, weightGigabytes: model.weightGigabytes + moreGigabytes }, instance)).toBeLessThanOrEqual(tokens(model, instance));
  }));
});
