/** A configuration at work: what a new one takes over from the old. */
import { gatewayConfigSchema } from '../../../../lib/contracts/gateway';
import { Runtime } from '../../../../lib/services/gateway/runtime';
import { tier } from './running';

test('a tier that stays keeps what it has learnt of its tokens; another model begins anew', async () => {
  const configOf = (model: string) => gatewayConfigSchema.parse({
    version: 1, gatewayId: 'g', tiers: ['A', 'B'].map(id => tier(id, { model: id === 'A' ? 'same' : model, endpoints: [{ url: 'http://127.0.0.1:9/v1' }] })),
    workflows: [{ id: 'W', tiers: ['A', 'B'] }], keys: [{ id: 'k', tenant: 't', secret: { sha256: '0'.repeat(64) } }],
  });
  const old = new Runtime(configOf('old'), {});
  const renewed = new Runtime(configOf('new'), {}, old);
  expect(renewed.tiers.map(({ calibration }, i) => calibration === old.tiers[i]!.calibration)).toEqual([true, false]);
  await Promise.all([old.retire(), renewed.retire()]);
});
