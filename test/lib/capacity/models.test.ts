/** Presets are as large as the published checkpoints, and refuse a precision they do not come in. */
import { PRESETS, Preset, presetModel, presetPrecisions } from '../../../lib/capacity/models';
import { servedModelSchema } from '../../../lib/contracts/gpu-group';
import { InputError } from '../../../lib/errors';

// Sizes of the published checkpoints, recalled and not looked up, in 1e9 bytes: the formula must agree with them.
test.each<[Preset, 'bf16' | 'fp8' | 'int4', number]>([
  ['llama31_8b', 'bf16', 16.06], ['llama31_8b', 'fp8', 9.08], ['llama31_8b', 'int4', 5.74], ['llama31_70b', 'bf16', 141.1], ['llama31_70b', 'fp8', 72.7],
  ['llama33_70b', 'bf16', 141.1], ['qwen3_8b', 'bf16', 16.38], ['qwen3_8b', 'int4', 6.1], ['qwen3_32b', 'bf16', 65.5], ['qwen3_32b', 'int4', 19.3],
  ['mistralSmall', 'bf16', 47.1], ['gptOss20b', 'int4', 13.8], ['gptOss120b', 'int4', 65.2], ['qwen3Embedding06b', 'bf16', 1.19],
])('%s in %s is %d GB', (preset, precision, gigabytes) => {
  const { weightGigabytes } = presetModel(preset, precision);
  expect(Math.abs(weightGigabytes / gigabytes - 1)).toBeLessThan(0.03);
});

test('each preset is a valid declaration in each of its precisions, from a source of its own', () => {
  const all = PRESETS.flatMap(preset => presetPrecisions(preset).map(precision => presetModel(preset, precision)));
  for (const model of all) expect(servedModelSchema.parse(model)).toEqual(model);
  expect(new Set(all.map(({ source }) => source)).size).toBe(all.length);
});

test('16 bits unless told otherwise, or the only precision there is', () => {
  expect(presetModel('llama31_8b').precision).toBe('bf16');
  expect(presetModel('gptOss20b').precision).toBe('int4');
  expect(presetModel('qwen3Embedding06b')).toMatchObject({ precision: 'bf16', task: 'embed' });
});

test('a precision it does not come in is refused with those it does', () => {
  expect(() => presetModel('gptOss120b', 'bf16')).toThrow(InputError);
  expect(() => presetModel('gptOss120b', 'bf16')).toThrow('gpt-oss-120b is asked for in bf16, and it comes in int4');
});
