/** Would each alarm fire, and keep quiet, as its sentence says? The metric math is evaluated, not read. */
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib';
import { GpuGroupMetrics } from '../../../constructs/inference/gpu-group-metrics';

type Values = Record<string, number>;
const metrics = new GpuGroupMetrics('Stack/Llama', false, 1);

/** As CloudWatch does: without one of its metrics an expression has no value. */
function value(metric: unknown, values: Values): number | undefined {
  const { expression, usingMetrics } = metric as MathExpression;
  const names = Object.keys(usingMetrics);
  if (names.some(name => values[name] === undefined)) return undefined;
  const script = expression.replaceAll(' AND ', ' && ').replaceAll('IF(', 'iff(');
  const iff = (condition: boolean, yes: number, no?: number): number | undefined => condition ? yes : no;
  return (new Function('iff', ...names, `return ${script};`) as (...args: unknown[]) => number | undefined)(iff, ...names.map(name => values[name]));
}

describe('utilisation above the floor, alarmed under 35', () => {
  const of = (values: Values) => value(metrics.utilizationAboveFloor(), values);
  test.each<[string, Values, number | undefined]>([
    ['replicas beyond the floor that idle', { tokens: 10, rated: 100, demand: 3, floor: 1 }, 10],
    ['replicas beyond the floor at work', { tokens: 80, rated: 100, demand: 3, floor: 1 }, 80],
    ['the floor alone, whose idling is meant', { tokens: 0, rated: 100, demand: 1, floor: 1 }, 100],
    ['no replica in service', { tokens: 0, rated: 0, demand: 3, floor: 1 }, 100],
    ['no metering', { demand: 3, floor: 1 }, undefined],
  ])('%s', (_, values, expected) => expect(of(values)).toBe(expected));
});

describe('calls waiting at the maximum, alarmed above 0', () => {
  const of = (values: Values) => value(metrics.waitingAtMaximum({ period: Duration.minutes(1) }), values);
  test.each<[string, Values, number]>([
    ['waiting at the maximum', { waitingSeconds: 120, demand: 8, maximum: 8 }, 2],
    ['waiting while replicas may be added', { waitingSeconds: 120, demand: 7, maximum: 8 }, 0],
    ['waiting under a spend cap', { waitingSeconds: 60, demand: 1, maximum: 1 }, 1],
    ['nobody waits', { waitingSeconds: 0, demand: 8, maximum: 8 }, 0],
  ])('%s', (_, values, expected) => expect(of(values)).toBe(expected));
});

describe('on-demand share beyond the base, alarmed above 50', () => {
  const of = (values: Values) => value(metrics.onDemandShare(), values);
  test.each<[string, Values, number]>([
    ['a night at the floor of one, which is the base', { onDemand: 1, demand: 1 }, 0],
    ['spot covers all but the base', { onDemand: 1, demand: 9 }, 0],
    ['spot is gone', { onDemand: 9, demand: 9 }, 100],
    ['spot has half', { onDemand: 5, demand: 9 }, 50],
    ['nothing runs', { onDemand: 0, demand: 0 }, 0],
  ])('%s', (_, values, expected) => expect(of(values)).toBe(expected));
});

describe('idle floor in USD an hour', () => {
  const of = (values: Values) => value(metrics.idleFloorCostPerHour(1, 2), { spot: 3, onDemand: 1, ...values });
  test.each<[string, Values, number]>([
    ['four replicas of the morning floor idle for five minutes', { idleSeconds: 1_200, demand: 4, floor: 4 }, 5],
    ['one of four is at work', { idleSeconds: 900, demand: 4, floor: 4 }, 3.75],
    ['beyond the floor it is waste, which is alarmed', { idleSeconds: 1_200, demand: 4, floor: 1 }, 0],
    ['nothing runs', { idleSeconds: 0, demand: 0, floor: 0, spot: 0, onDemand: 0 }, 0],
  ])('%s', (_, values, expected) => expect(of(values)).toBe(expected));
});

test('utilisation has no value where nothing is rated, rather than 0', () => {
  expect(value(metrics.utilization(), { tokens: 0, rated: 0 })).toBeUndefined();
  expect(value(metrics.utilization(), { tokens: 30, rated: 60 })).toBe(50);
});
