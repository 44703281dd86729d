/** Usage records for tests: one of each shape that a call can end in. */
import fc from 'fast-check';
import { OUTCOMES, UsageRecord } from '../../../lib/contracts/usage-record';
import { CallRecord } from '../../../lib/gateway/records';
import { newTrace } from '../../../lib/gateway/route/trace';

export const ANSWERED: CallRecord = {
  request: 'req-1', at: '2026-10-01T08:00:00.000Z', kind: 'chat', key: 'notes', tenant: 'north', workflow: 'DraftNote', run: 'run-7',
  outcome: 'answered', status: 200, error: null, stream: true, tier: 'Small', model: 'llama-3.1-8b', premium: false, premiumCalls: 0, route: newTrace(), otherAnswer: null, shadowOf: null, degraded: false, attempts: 1,
  usage: 'provider', tokens: { input: 3200, cacheRead: 1024, cacheWrite: 0, output: 700, reasoning: 0 }, costUsd: '0.0045', lostUsd: '0', unknownCost: null, savedUsd: '0',
  revenueUsd: '0.08', runs: 1, latencyMs: 2812.4, firstEventMs: 143.2,
};

export const recordOf = (call: Partial<CallRecord>, seq = 1): UsageRecord => ({ type: 'usage', version: 1, process: 'p', seq, ...ANSWERED, ...call });

const tokens = fc.tuple(fc.nat(9000), fc.nat(900), fc.nat(900), fc.nat(3000)).map(([input, cacheRead, cacheWrite, output]) =>
  ({ input: input + cacheRead + cacheWrite, cacheRead, cacheWrite, output, reasoning: Math.floor(output / 3) }));

export const anyCall: fc.Arbitrary<CallRecord> = fc.record({
  workflow: fc.constantFrom('DraftNote', 'Summary', null), tier: fc.constantFrom('Small', 'Premium', null), outcome: fc.constantFrom(...OUTCOMES),
  status: fc.constantFrom(200, 400, 402, 429, 500, 503), error: fc.constantFrom(null, 'budget_exhausted', 'rate_limit_exceeded', 'upstream_failed'),
  premiumCalls: fc.nat(2), savedUsd: fc.constantFrom('0', '0.0031'), tokens, shadowOf: fc.option(fc.uuid()), costUsd: fc.option(fc.nat(9999).map(n => `0.${String(n).padStart(4, '0')}`)), revenueUsd: fc.constantFrom('0', '0.08'),
  runs: fc.constantFrom(0, 1, 0.25), latencyMs: fc.integer({ min: 1, max: 60_000 }), firstEventMs: fc.option(fc.integer({ min: 1, max: 9000 })),
  otherAnswer: fc.option(fc.record({ tier: fc.constantFrom('Small', 'Premium'), failedChecks: fc.constantFrom<string[]>(['regex'], ['length', 'refusal']), usage: fc.constant('provider' as const), tokens, costUsd: fc.constant('0.001') })),
  tenant: fc.uuid(), run: fc.uuid(), request: fc.uuid(), key: fc.uuid(),
}).map(call => ({ ...ANSWERED, ...call }));

export const anyRecord = anyCall.map(call => recordOf(call));
