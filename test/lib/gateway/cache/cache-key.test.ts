/** Two calls share a key only where everything that decides their answer is the same. */
import fc from 'fast-check';
import { GatewayConfigInput, gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { CacheScope, cacheKey, policyVersion } from '../../../../lib/gateway/cache/cache-key';

const scope: CacheScope = { kind: 'chat', tenant: 'acme', workflow: 'DraftNote', policy: 'p1' };
const sent = Buffer.from('{"model":"any","temperature":0,"messages":[{"role":"user","content":"Summarize the visit of 3 May."}]}');

/** Short and of few letters, so that one part's end is another's beginning. */
const part = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\\', '[', '\ud800'), maxLength: 4 }), fc.string());
const calls = fc.record({
  kind: fc.constantFrom('chat', 'embedding'), tenant: part, workflow: part, policy: part, taskClass: fc.option(fc.oneof(part, fc.constant('null')), { nil: undefined }), body: fc.oneof(part.map(text => Buffer.from(text)), fc.uint8Array({ maxLength: 6 }).map(bytes => Buffer.from(bytes))),
});
type Parts = typeof calls extends fc.Arbitrary<infer C> ? C : never;
const same = (a: Parts, b: Parts): boolean =>
  a.kind === b.kind && a.tenant === b.tenant && a.workflow === b.workflow && a.policy === b.policy && a.taskClass === b.taskClass && a.body.equals(b.body);

test('kinds, tenants, workflows, policies, classes and bodies never share a key, the very same call always does', () => {
  fc.assert(fc.property(calls, calls, (a, b) => {
    expect(cacheKey(a, a.body) === cacheKey(b, b.body)).toBe(same(a, b));
    expect(cacheKey(a, a.body)).toBe(cacheKey({ ...a }, Buffer.from(a.body)));
  }), { numRuns: 2_000 });
});

test('what moves from one part to its neighbour makes another key', () => {
  const parts = ['tenant', 'workflow', 'policy', 'taskClass'] as const;
  fc.assert(fc.property(part, part, part, fc.nat(2), (one, two, moved, at) => {
    fc.pre(moved !== '');
    const all = { ...scope, tenant: 'a', workflow: 'b', policy: 'c', taskClass: 'd' };
    const [left, right] = [parts[at]!, parts[at + 1]!];
    expect(cacheKey({ ...all, [left]: one + moved, [right]: two }, sent)).not.toBe(cacheKey({ ...all, [left]: one, [right]: moved + two }, sent));
  }), { numRuns: 1_000 });
});

test.each<Partial<CacheScope>>([{ kind: 'embedding' }, { tenant: 'other' }, { workflow: 'Triage' }, { policy: 'p2' }, { taskClass: 'extract' }, { taskClass: '' }, { taskClass: 'null' }])('%j alone makes another key', change => {
  expect(cacheKey({ ...scope, ...change }, sent)).not.toBe(cacheKey(scope, sent));
});

test('bodies are told apart by their bytes, even those that are no text', () => {
  expect(cacheKey(scope, Buffer.from([0xff]))).not.toBe(cacheKey(scope, Buffer.from([0xfe])));
});

test('a key says nothing of the call and fits any store', () => {
  expect(cacheKey(scope, sent)).toMatch(/^[\w-]{43}$/);
});

describe('the policy', () => {
  const config = (change: Partial<GatewayConfigInput> = {}) => gatewayConfigSchema.parse({
    version: 1, gatewayId: 'notes',
    tiers: [
      { id: 'cheap', provider: 'openai', model: 'llama-3.1-8b', endpoints: [{ url: 'http://vllm:8000/v1' }], price: { usdPerMillionTokens: { input: 0.1, output: 0.2 }, source: 'contract' } },
      { id: 'best', provider: 'openai', model: 'gpt-5', endpoints: [{ apiKey: { env: 'OPENAI' } }], price: { provider: 'openai', model: 'gpt-5' }, premium: true },
    ],
    workflows: [{ id: 'DraftNote', tiers: ['cheap', 'best'], route: { cache: { ttlSeconds: 3600 }, checks: [{ kind: 'refusal' }] } }],
    keys: [{ id: 'k1', secret: { env: 'K1' }, tenant: 'acme' }],
    ...change,
  } satisfies GatewayConfigInput);
  const input = config();
  const version = ({ workflows: [workflow], tiers } = input): string => policyVersion(workflow!, tiers);
  const tier = (change: object) => config({ tiers: input.tiers.map((each, i) => i === 0 ? { ...each, ...change } : each) });
  const workflow = (change: object) => config({ workflows: input.workflows.map(each => ({ ...each, ...change })) });
  const route = (change: object) => workflow({ route: { ...input.workflows[0]!.route, ...change } });

  test('is the same for the same configuration, in any process', () => {
    expect(version(config())).toBe(version());
    expect(version()).toMatch(/^[\w-]{43}$/);
  });

  test.each<[string, ReturnType<typeof config>]>([
    ['another model', tier({ model: 'llama-3.3-70b' })],
    ['another provider', tier({ provider: 'anthropic' })],
    ['another address', tier({ endpoints: [{ url: 'http://vllm-fp8:8000/v1' }] })],
    ['another region', tier({ endpoints: [{ url: 'http://vllm:8000/v1', region: 'eu-west-1' }] })],
    ['another limit of output', tier({ maxOutputTokens: 512 })],
    ['a tier that becomes premium', tier({ premium: true })],
    ['another order', workflow({ tiers: ['best', 'cheap'] })],
    ['fewer tiers', workflow({ tiers: ['cheap'] })],
    ['another check', route({ checks: [{ kind: 'finish-reason' }] })],
    ['a class', route({ classes: [{ id: 'extract', tier: 'cheap' }] })],
    ['a premium share', route({ maxPremiumSharePercent: 25 })],
    ['a limit of the prompt', route({ tokenLimits: { maxInput: 4000 } })],
    ['a shorter time to keep, which holds for what is kept, too', route({ cache: { ttlSeconds: 60 } })],
  ])('%s: another policy', (_, changed) => {
    expect(version(changed)).not.toBe(version());
  });

  test.each<[string, ReturnType<typeof config>]>([
    ['another price', tier({ price: { usdPerMillionTokens: { input: 0.2, output: 0.2 }, source: 'contract' } })],
    ['other timeouts', tier({ timeouts: { connectSeconds: 1 } })],
    ['a rotated key', tier({ endpoints: [{ url: 'http://vllm:8000/v1', apiKey: { env: 'VLLM_2' } }] })],
    ['what it earns', workflow({ callsPerRun: 3 })],
    ['more to compare', route({ shadowPercent: 5 })],
    ['another priority', route({ priority: -5 })],
    ['a tier of another workflow', config({ tiers: [...input.tiers, { ...input.tiers[0]!, id: 'spare' }] })],
  ])('%s: the same policy', (_, changed) => {
    expect(version(changed)).toBe(version());
  });
});
