/** GPU001: GPUs that nobody is told about when they idle: no alarm on their utilisation. Also for templates of others. */
import { GPU_NAMESPACE, GROUP_DIMENSION } from '../contracts/metrics';
import { StackForecast } from '../economics/evaluate';
import { ifTold } from '../estimate/intrinsics';
import { Resource, ResourceIndex } from '../estimate/resource';
import { templatesOf } from '../estimate/templates';
import { AlarmedMetric, alarmedMetrics } from './alarmed-metrics';
import { Finding, Rule } from './rule';

export const gpu001: Rule = {
  id: 'GPU001',
  title: 'GPUs without an alarm on their utilisation',
  evaluate: forecast => {
    const templates = templatesOf(forecast.stack).map(index => ({ index, alarms: alarmedMetrics(index) }));
    return [...declaredGroups(forecast, templates), ...rawResources(forecast, templates)];
  },
};

const FIX = 'alarm when tokens made over tokens rated, or GPU utilisation as the CloudWatch agent reports it, stays low, with the dimension of this resource; a GpuInferenceGroup does it by itself';

interface Read {
  readonly index: ResourceIndex;
  readonly alarms: readonly AlarmedMetric[];
}

function declaredGroups({ stack }: StackForecast, templates: readonly Read[]): Finding[] {
  const alarms = templates.flatMap(t => t.alarms).filter(alarm => alarm.whenLow && alarm.namespace === GPU_NAMESPACE && /^(OutputTokens|PromptTokens)$/.test(alarm.name));
  return stack.declaration.groups.filter(group => !alarms.some(alarm => alarm.dimensions.some(d => d.name === GROUP_DIMENSION && d.value === group.path)))
    .map(group => ({
      rule: 'GPU001', severity: group.unmonitored ? 'info' : 'warning', stack: stack.name, path: group.path,
      message: `${group.path}: no alarm on its utilisation${group.unmonitored ? `, on purpose: ${group.unmonitored}` : ''}`, fix: FIX,
    }));
}

/** Auto Scaling groups and services on GPUs that no GPU group of ours declares. */
function rawResources({ stack }: StackForecast, templates: readonly Read[]): Finding[] {
  const ours = stack.declaration.groups.map(group => `${group.path}/`);
  return templates.flatMap(({ index, alarms }) => KINDS.flatMap(({ type, isOnGpus, dimension, name }) => index.ofType(type).filter(isOnGpus)
    .filter(resource => !ours.some(path => resource.path.startsWith(path)))
    .filter(resource => !alarms.some(alarm => alarm.whenLow && isUtilization(alarm.name)
      && alarm.dimensions.some(d => d.name === dimension && (d.refersTo.has(resource.logicalId) || (d.value !== undefined && d.value === textOf(resource, name))))))
    .map((resource): Finding => {
      const path = resource.path || `${stack.name}/${resource.logicalId}`;
      return { rule: 'GPU001', severity: 'warning', stack: stack.name, path, message: `${path}: runs on GPUs and has no alarm on their utilisation`, fix: FIX };
    })));
}

const isUtilization = (name: string): boolean => /^nvidia_smi_utilization_gpu$|^(GPU|Gpu)_?Utili[sz]ation|^OutputTokens$|num_requests_running/.test(name);

/** By name, so that a type newer than the catalogue is seen: P, G and Gr are EC2's families with GPUs. */
const isGpuType = (type: unknown): boolean => typeof type === 'string' && /^(p[2-9]|gr?[3-9])[a-z0-9-]*\./.test(type);

const LAUNCHES = ['LaunchTemplate', 'LaunchConfigurationName', 'MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification'];
const OVERRIDES = 'MixedInstancesPolicy.LaunchTemplate.Overrides';

function runsOnGpus(group: Resource): boolean {
  const launches = LAUNCHES.flatMap(at => group.references(at));
  const machines = [
    ...ifTold(() => group.parts(OVERRIDES)) ?? [],
    ...launches.flatMap(launch => launch.type === 'AWS::EC2::LaunchTemplate' ? ifTold(() => launch.part('LaunchTemplateData')) ?? [] : launch),
  ];
  return machines.some(machine => isGpuType(ifTold(() => machine.value('InstanceType')))
    || ifTold(() => machine.list('InstanceRequirements.AcceleratorTypes'))?.includes('gpu'));
}

const asksForGpus = (service: Resource): boolean => service.references('TaskDefinition').some(task =>
  (ifTold(() => task.parts('ContainerDefinitions')) ?? []).some(container =>
    (ifTold(() => container.parts('ResourceRequirements')) ?? []).some(requirement => ifTold(() => requirement.text('Type')) === 'GPU')));

const KINDS = [
  { type: 'AWS::AutoScaling::AutoScalingGroup', isOnGpus: runsOnGpus, dimension: 'AutoScalingGroupName', name: 'AutoScalingGroupName' },
  { type: 'AWS::ECS::Service', isOnGpus: asksForGpus, dimension: 'ServiceName', name: 'ServiceName' },
] as const;

const textOf = (resource: Resource, at: string): string | undefined => ifTold(() => resource.text(at));
