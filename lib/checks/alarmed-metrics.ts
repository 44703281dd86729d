/** The metrics that a template's alarms watch, plain or in metric math, with what their dimensions name. */
import { ifTold } from '../estimate/intrinsics';
import { Resource, ResourceIndex } from '../estimate/resource';

export interface AlarmedMetric {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly dimensions: readonly AlarmedDimension[];
  /** Whether the alarm fires below its threshold. */
  readonly whenLow: boolean;
}

export interface AlarmedDimension {
  readonly name: string | undefined;
  /** undefined where only a deployment knows. */
  readonly value: string | undefined;
  /** Logical ids of the resources it refers to. */
  readonly refersTo: ReadonlySet<string>;
}

export const alarmedMetrics = (index: ResourceIndex): AlarmedMetric[] => index.ofType('AWS::CloudWatch::Alarm').flatMap(alarm => {
  const whenLow = /^LessThan/.test(text(alarm, 'ComparisonOperator') ?? '');
  const inMath = parts(alarm, 'Metrics').flatMap(query => query.has('MetricStat.Metric') ? query.part('MetricStat.Metric') : []);
  return [alarm, ...inMath].flatMap(metric => {
    const name = text(metric, 'MetricName');
    return name === undefined ? [] : [{ namespace: text(metric, 'Namespace'), name, whenLow, dimensions: parts(metric, 'Dimensions').map(dimension) }];
  });
});

const dimension = (part: Resource): AlarmedDimension => ({
  name: text(part, 'Name'), value: text(part, 'Value'), refersTo: new Set(part.references('Value').map(resource => resource.logicalId)),
});

const text = (resource: Resource, at: string): string | undefined => resource.has(at) ? ifTold(() => resource.text(at)) : undefined;
const parts = (resource: Resource, at: string): Resource[] => ifTold(() => resource.parts(at)) ?? [];
