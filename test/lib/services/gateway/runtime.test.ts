/** A configuration at work: what a new one takes over from the old. */
import pino from 'pino';
import { gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { Runtime } from '../../../../lib/services/gateway/runtime';
import { tier } from './running';

const LOG = pino({ enabled: false });

test('a tier that stays keeps what it has learnt of its tokens; another model begins anew', async () => {
  const configOf = (model: string) => gatewayConfigSchema.parse({
    version: 1, gatewayId: 'g', tiers: ['A', 'B'].map(id => tier(id, { model: id === 'A' ? 'same' : model, endpoints: [{ url: 'http://127.0.0.1:9/v1' }] })),
    workflows: [{ id: 'W', tiers: ['A', 'B'] }], keys: [{ id: 'k', tenant: 't', secret: { sha256: '0'.repeat(64) } }],
  });
  const old = new Runtime(configOf('old'), {}, LOG);
  const renewed = new Runtime(configOf('new'), {}, LOG, old);
  expect(renewed.tiers.map(({ calibration }, i) => calibration === old.tiers[i]!.calibration)).toEqual([true, false]);
  await Promise.all([old.retire(), renewed.retire()]);
});

test('a workflow\'s tiers have its limits and its priority, each where the tier takes one', async () => {
  const config = gatewayConfigSchema.parse({
    version: 1, gatewayId: 'g',
    tiers: [tier('Own', { model: 'a', endpoints: [{ url: 'http://127.0.0.1:9/v1' }] }, { acceptsPriority: true, maxOutputTokens: 300 }), tier('Bought', { model: 'b', endpoints: [{ url: 'http://127.0.0.1:9/v1' }] })],
    workflows: [{ id: 'Night', tiers: ['Own', 'Bought'], route: { priority: 5, tokenLimits: { maxOutput: 500 } } }, { id: 'Day', tiers: ['Own'] }],
    keys: [{ id: 'k', tenant: 't', secret: { sha256: '0'.repeat(64) } }],
  });
  const runtime = new Runtime(config, {}, LOG);
  const told = (id: string): unknown => runtime.workflow(id).tiers.map(({ priority, config: { maxOutputTokens } }) => [priority, maxOutputTokens]);
  expect([told('Night'), told('Day')]).toEqual([[[5, 300], [undefined, 500]], [[0, 300]]]);
  await runtime.retire();
});

test('a route whose share stays keeps what it has learnt of its calls', async () => {
  const configOf = (percent: number) => gatewayConfigSchema.parse({
    version: 1, gatewayId: 'g', tiers: ['A', 'B'].map(id => tier(id, { model: id, endpoints: [{ url: 'http://127.0.0.1:9/v1' }] }, { premium: id === 'B' })),
    workflows: [{ id: 'W', tiers: ['A', 'B'], route: { maxPremiumSharePercent: percent } }], keys: [{ id: 'k', tenant: 't', secret: { sha256: '0'.repeat(64) } }],
  });
  const old = new Runtime(configOf(10), {}, LOG);
  const [same, other] = [new Runtime(configOf(10), {}, LOG, old), new Runtime(configOf(20), {}, LOG, old)];
  const chooserOf = (runtime: Runtime): unknown => runtime.workflow('W').route.chooser;
  expect([same, other].map(runtime => chooserOf(runtime) === chooserOf(old))).toEqual([true, false]);
  await Promise.all([old, same, other].map(runtime => runtime.retire()));
});
