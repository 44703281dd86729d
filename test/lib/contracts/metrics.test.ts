/** The list of metrics: what each costs and tells apart stays as it was decided. */
import { GATEWAY_DIMENSIONS, GATEWAY_METRICS, GPU_METRICS, gatewayMetricsBy } from '../../../lib/contracts/metrics';

test('a gateway\'s metrics are told apart by gateway, workflow and tier only: never by tenant, key, run or request', () => {
  expect([...new Set(Object.values(GATEWAY_DIMENSIONS).flat())].sort()).toEqual(['Gateway', 'Tier', 'Workflow']);
  expect(Object.values(GATEWAY_DIMENSIONS).every(names => names[0] === 'Gateway' && names.length <= 2)).toBe(true);
});

test('a workflow has 8 metrics, which CloudWatch bills each, a tier 6', () => {
  expect(gatewayMetricsBy('Workflow')).toEqual(['Calls', 'Runs', 'CostUsd', 'RevenueUsd', 'PremiumCalls', 'SavedUsd', 'Errors', 'LatencyMs']);
  expect(gatewayMetricsBy('Tier')).toHaveLength(6);
  expect(gatewayMetricsBy('Gateway').length).toBeLessThanOrEqual(5);
  expect(Object.keys(GATEWAY_METRICS)).toHaveLength(8 + 6 + gatewayMetricsBy('Gateway').length);
});

test('units are CloudWatch\'s, and names say theirs', () => {
  for (const [name, { unit }] of [GATEWAY_METRICS, GPU_METRICS].flatMap(table => Object.entries(table))) {
    expect(['Count', 'Seconds', 'Milliseconds', 'Percent', 'None']).toContain(unit);
    if (name.endsWith('Ms')) expect(unit).toBe('Milliseconds');
    if (name.endsWith('Usd')) expect(unit).toBe('None');
  }
});
