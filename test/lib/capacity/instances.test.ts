/** The catalogue knows what serves a model, and says why the rest does not. */
import { GPU_INSTANCE_TYPES, catalogInstance, whyNotServed } from '../../../lib/capacity/instances';
import { gpuInstanceSchema } from '../../../lib/contracts/gpu-group';

test.each([
  ['g4dn.12xlarge', 't4', 4, 16_384, 48], ['g5.48xlarge', 'a10g', 8, 22_888, 192], ['g6.xlarge', 'l4', 1, 22_888, 4], ['g6e.16xlarge', 'l40s', 1, 45_776, 64],
  ['g7.12xlarge', 'rtx-pro-4500', 2, 32_768, 48], ['g7e.24xlarge', 'rtx-pro-server-6000', 4, 98_304, 96], ['p4d.24xlarge', 'a100-40gb', 8, 40_960, 96],
  ['p4de.24xlarge', 'a100-80gb', 8, 81_920, 96], ['p5.4xlarge', 'h100', 1, 81_920, 16], ['p5en.48xlarge', 'h200', 8, 144_384, 192],
])('%s has %s x %i with %i MiB each and %i vCPUs', (type, gpu, gpus, memoryMib, vcpus) => {
  expect(catalogInstance(type)).toMatchObject({ type, gpu, gpus, memoryMib, vcpus, architecture: 'x86_64' });
});

test('each type is a valid declaration, listed once', () => {
  expect(new Set(GPU_INSTANCE_TYPES).size).toBe(GPU_INSTANCE_TYPES.length);
  expect(GPU_INSTANCE_TYPES).toHaveLength(57);
  for (const type of GPU_INSTANCE_TYPES) expect(gpuInstanceSchema.parse(catalogInstance(type))).toMatchObject({ type });
});

test('g5g is arm64; only GPUs from Ada on compute in fp8', () => {
  expect(catalogInstance('g5g.xlarge')!.architecture).toBe('arm64');
  const withFp8 = new Set(GPU_INSTANCE_TYPES.map(type => catalogInstance(type)!).filter(({ teraflops }) => teraflops.fp8).map(({ gpu }) => gpu));
  expect([...withFp8]).toEqual(['l4', 'l40s', 'rtx-pro-4500', 'rtx-pro-server-6000', 'h100', 'h200', 'b200', 'b300']);
});

test.each([['inf2.xlarge', /Inferentia/], ['trn1.32xlarge', /Trainium/], ['g6f.large', /fraction of an L4/], ['gr6f.4xlarge', /whole GPU/]])('%s does not serve, and why', (type, reason) => {
  expect(catalogInstance(type)).toBeUndefined();
  expect(whyNotServed(type)).toMatch(reason);
});

test.each(['g6e.xlarge', 'm7i.large', 'nonsense'])('nothing is held against %s', type => expect(whyNotServed(type)).toBeUndefined());
