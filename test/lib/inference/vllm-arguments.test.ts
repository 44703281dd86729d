import { vllmArguments } from '../../../lib/inference/vllm-arguments';
import { catalogInstance } from '../../../lib/capacity/instances';
import { Preset, presetModel } from '../../../lib/capacity/models';

function flags(preset: Preset, instance: string, maxModelLength: number, source?: string): Map<string, string> {
  const model = presetModel(preset);
  const [, ...args] = vllmArguments({ model: { ...model, source: source ?? model.source }, instances: [catalogInstance(instance)!], maxModelLength }, source ?? model.source);
  return new Map(args.flatMap((arg, i) => arg.startsWith('--') ? [[arg, args[i + 1]?.startsWith('--') ? '' : args[i + 1] ?? '']] : []));
}

test('an embedding model pools, and reads a whole text in one pass', () => {
  const embedding = flags('qwen3Embedding06b', 'g6.xlarge', 8_192);
  expect([embedding.get('--runner'), embedding.get('--max-num-batched-tokens')]).toEqual(['pooling', '8192']);
  expect(flags('qwen3_8b', 'g6e.xlarge', 8_192).get('--max-num-batched-tokens')).toBe('2048');
});

test('all GPUs of an instance share one model; GPUs of 70 GiB and more take larger batches', () => {
  const large = flags('llama31_70b', 'p5.48xlarge', 8_192);
  expect([large.get('--tensor-parallel-size'), large.get('--max-num-seqs'), large.get('--max-num-batched-tokens')]).toEqual(['8', '1024', '8192']);
});

test('weights in S3 are streamed', () => {
  expect(flags('qwen3_8b', 'g6e.xlarge', 8_192, 's3://weights/qwen').get('--load-format')).toBe('runai_streamer');
  expect(flags('qwen3_8b', 'g6e.xlarge', 8_192).has('--load-format')).toBe(false);
});
