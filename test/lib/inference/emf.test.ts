/** EMF lines: what CloudWatch's specification asks of them. */
import fc from 'fast-check';
import { GPU_METRICS, GpuMetric, metricsOf } from '../../../lib/contracts/metrics';
import { emfLine } from '../../../lib/inference/emf';

test.each(['gpu-metrics', 'capacity-controller'] as const)('every metric of %s in one line, with its unit, under the group', emitter => {
  const values = Object.fromEntries(metricsOf(emitter).map((name, i) => [name, i]));
  const line = emfLine({ emitter, group: 'Stack/Llama', timestamp: 1_795_110_000_000, values, notes: { lastFailure: 'ECONNREFUSED' } });
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_795_110_000_000,
      CloudWatchMetrics: [{
        Namespace: 'AiMargin/Gpu', Dimensions: [['Group']],
        Metrics: metricsOf(emitter).map(name => ({ Name: name, Unit: GPU_METRICS[name].unit })),
      }],
    },
    Group: 'Stack/Llama', lastFailure: 'ECONNREFUSED', ...values,
  });
});

test('a metric that is named has a number, one that is unknown is not named, and another emitter\'s never is', () => {
  const names = Object.keys(GPU_METRICS) as GpuMetric[];
  fc.assert(fc.property(fc.array(fc.option(fc.nat(), { nil: undefined }), { minLength: names.length, maxLength: names.length }), numbers => {
    const values = Object.fromEntries(names.map((name, i) => [name, numbers[i]]));
    const { _aws: { CloudWatchMetrics: [directive] }, ...root } = JSON.parse(emfLine({ emitter: 'gpu-metrics', group: 'G', timestamp: 0, values })) as
      { _aws: { CloudWatchMetrics: { Metrics: { Name: GpuMetric }[] }[] } } & Record<string, unknown>;
    const named = directive!.Metrics.map(({ Name }) => Name);
    expect(named).toEqual(metricsOf('gpu-metrics').filter(name => values[name] !== undefined));
    expect(Object.keys(root).sort()).toEqual(['Group', ...named].sort());
    for (const name of named) expect(root[name]).toBe(values[name]);
  }));
});
