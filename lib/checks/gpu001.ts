/** GPU001: GPUs that nobody is told about when they idle: no alarm on their utilisation. Also for templates of others. */
import { GPU_INSTANCE_TYPES } from '../capacity/instances';
import { GPU_NAMESPACE, GROUP_DIMENSION } from '../contracts/metrics';
import { StackForecast } from '../economics/evaluate';
import { Resource, ResourceIndex } from '../estimate/resource';
import { templatesOf } from '../estimate/templates';
import { isRecord } from '../estimate/template';
import { Finding, Rule } from './rule';

export const gpu001: Rule = {
  id: 'GPU001',
  title: 'GPUs without an alarm on their utilisation',
  evaluate: forecast => [...declaredGroups(forecast), ...rawResources(forecast)],
};

const FIX = 'alarm on tokens made over tokens rated, or on GPU utilisation of the CloudWatch agent, with the dimension of this resource; a GpuInferenceGroup does it by itself';

function declaredGroups({ stack }: StackForecast): Finding[] {
  const alarms = templatesOf(stack).flatMap(alarmedMetrics);
  return stack.declaration.groups.filter(group => !alarms.some(metric => metric.namespace === GPU_NAMESPACE
    && /^(OutputTokens|PromptTokens)$/.test(metric.name) && metric.dimensions.some(d => d.name === GROUP_DIMENSION && d.value === group.path)))
    .map(group => ({
      rule: 'GPU001', severity: group.unmonitored ? 'info' : 'warning', stack: stack.name, path: group.path,
      message: `${group.path}: no alarm on its utilisation${group.unmonitored ? `, on purpose: ${group.unmonitored}` : ''}`, fix: FIX,
    }));
}

/** Auto Scaling groups and services on GPUs that no GPU group of ours declares. */
function rawResources({ stack }: StackForecast): Finding[] {
  const ours = stack.declaration.groups.map(group => `${group.path}/`);
  return templatesOf(stack).flatMap(index => {
    const alarms = alarmedMetrics(index);
    return [...index.ofType('AWS::AutoScaling::AutoScalingGroup').filter(runsOnGpus), ...index.ofType('AWS::ECS::Service').filter(asksForGpus)]
      .filter(resource => !ours.some(path => resource.path.startsWith(path)))
      .filter(resource => !alarms.some(metric => isUtilization(metric.name) && metric.dimensions.some(d => names(d.value, resource))))
      .map((resource): Finding => {
        const path = resource.path || `${stack.name}/${resource.logicalId}`;
        return { rule: 'GPU001', severity: 'warning', stack: stack.name, path, message: `${path}: runs on GPUs and has no alarm on their utilisation`, fix: FIX };
      });
  });
}

const isUtilization = (name: string): boolean => /gpu.*util|util.*gpu|num_requests_running|OutputTokens/i.test(name);

const GPU_TYPES = new Set(GPU_INSTANCE_TYPES);

function runsOnGpus(group: Resource): boolean {
  const launch = ['LaunchTemplate', 'LaunchConfigurationName', 'MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification'].flatMap(at => group.references(at));
  const written = [group.written('MixedInstancesPolicy.LaunchTemplate.Overrides'), ...launch.map(l => l.written('LaunchTemplateData.InstanceType') ?? l.written('InstanceType'))];
  return [...JSON.stringify(written).matchAll(/"([a-z][a-z0-9-]*\.[a-z0-9-]+)"/g)].some(([, type]) => GPU_TYPES.has(type!));
}

const asksForGpus = (service: Resource): boolean => service.references('TaskDefinition').some(task =>
  /"Type":"GPU"/.test(JSON.stringify(task.written('ContainerDefinitions') ?? [])));

interface AlarmedMetric {
  readonly namespace: unknown;
  readonly name: string;
  readonly dimensions: readonly { readonly name: unknown; readonly value: unknown }[];
}

/** Of plain alarms and of those on metric math. */
function alarmedMetrics(index: ResourceIndex): AlarmedMetric[] {
  return index.ofType('AWS::CloudWatch::Alarm').flatMap(alarm => {
    const queries = alarm.written('Metrics');
    const stats = Array.isArray(queries) ? queries.flatMap(q => isRecord(q) && isRecord(q.MetricStat) && isRecord(q.MetricStat.Metric) ? [q.MetricStat.Metric] : []) : [];
    const plain = { Namespace: alarm.written('Namespace'), MetricName: alarm.written('MetricName'), Dimensions: alarm.written('Dimensions') };
    return [...stats, plain].flatMap(metric => typeof metric.MetricName !== 'string' ? [] : [{
      namespace: metric.Namespace, name: metric.MetricName,
      dimensions: (Array.isArray(metric.Dimensions) ? metric.Dimensions : []).flatMap(d => isRecord(d) ? [{ name: d.Name, value: d.Value }] : []),
    }]);
  });
}

/** By reference, or by the name both give. */
const names = (value: unknown, resource: Resource): boolean => isRecord(value)
  ? value.Ref === resource.logicalId || (Array.isArray(value['Fn::GetAtt']) && value['Fn::GetAtt'][0] === resource.logicalId)
  : typeof value === 'string' && [resource.written('AutoScalingGroupName'), resource.written('ServiceName')].includes(value);
