/** Revenue counts once per run, however many calls the run makes. */
import fc from 'fast-check';
import { GatewayWorkflow } from '../../../lib/contracts/gateway';
import { routeSchema } from '../../../lib/contracts/gateway-route';
import { InputError } from '../../../lib/errors';
import { revenueOfCall } from '../../../lib/gateway/revenue';

const workflow = (more: Partial<GatewayWorkflow>): GatewayWorkflow => ({ id: 'DraftNote', tiers: ['Small'], callsPerRun: 1, route: routeSchema.parse({}), ...more });

test.each([
  ['the first call of a run', workflow({ revenue: { usdPerRun: 0.08 } }), 1, '0.08'],
  ['a later one', workflow({ revenue: { usdPerRun: 0.08 } }), 0, '0'],
  ['a call that names no run', workflow({ revenue: { usdPerRun: 0.08 }, callsPerRun: 4 }), 1 / 4, '0.02'],
  ['per seat', workflow({ revenue: { seats: 1600, usdPerSeatMonth: 40 }, runsPerMonth: 400_000 }), 1, '0.16'],
  ['without revenue', workflow({}), 1, '0'],
])('%s', (_, of, runs, usd) => {
  expect(revenueOfCall(of, runs)).toBe(usd);
});

test('seats without the runs of a month are refused', () => {
  expect(() => revenueOfCall(workflow({ revenue: { seats: 5, usdPerSeatMonth: 40 } }), 1)).toThrow(InputError);
});

test('the calls of a run earn what the run earns', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 30 }), (cents, callsPerRun) => {
    const of = workflow({ revenue: { usdPerRun: cents / 100 }, callsPerRun });
    expect(callsPerRun * Number(revenueOfCall(of, 1 / callsPerRun))).toBeCloseTo(cents / 100, 9);
  }));
});
