/** The one writer of the embedded metric format, to the byte. */
import { emf } from '../../lib/emf';
import { emfLine } from '../../lib/inference/emf';

test('single values, distributions and notes under one combination of dimensions', () => {
  expect(emf({
    namespace: 'N', dimensions: { Gateway: 'main', Workflow: 'DraftNote' }, timestamp: 5, notes: { reason: 'test' },
    metrics: [{ name: 'Calls', unit: 'Count', value: 2 }, { name: 'LatencyMs', unit: 'Milliseconds', value: [1, 2.5] }],
  })).toBe('{"_aws":{"Timestamp":5,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["Gateway","Workflow"]],"Metrics":[{"Name":"Calls","Unit":"Count"},'
    + '{"Name":"LatencyMs","Unit":"Milliseconds"}]}]},"reason":"test","Gateway":"main","Workflow":"DraftNote","Calls":2,"LatencyMs":[1,2.5]}');
});

test('a GPU group\'s line has not changed by a byte', () => {
  expect(emfLine({ emitter: 'gpu-metrics', group: 'Stack/Llama', timestamp: 7, values: { ReplicaSeconds: 60, InFlightSeconds: 1.5 }, notes: { lastFailure: 'ECONNREFUSED' } })).toBe(
    '{"_aws":{"Timestamp":7,"CloudWatchMetrics":[{"Namespace":"AiMargin/Gpu","Dimensions":[["Group"]],"Metrics":[{"Name":"InFlightSeconds","Unit":"Seconds"},'
    + '{"Name":"ReplicaSeconds","Unit":"Seconds"}]}]},"lastFailure":"ECONNREFUSED","Group":"Stack/Llama","InFlightSeconds":1.5,"ReplicaSeconds":60}');
});
