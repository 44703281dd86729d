import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-autoscaling';
import { ModelPreset, Precision, SelfHosted, SelfHostedProps, ServedModel } from '../../../constructs';
import { controllerConfigSchema } from '../../../lib/contracts/capacity-controller';
import { declarationSchema } from '../../../lib/contracts/declaration';
import { types } from '../inference/grouping';
import { US_EAST_1, quietApp, workflowProps } from '../fixture';

const selfHosted = (changes: Partial<SelfHostedProps> = {}): SelfHosted => new SelfHosted(quietApp(), 'SelfHosted', {
  ...US_EAST_1,
  economics: { targetGrossMarginPercent: 70 },
  monthlyBudgetUsd: 5_000,
  model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B, { weights: Precision.FP8 }),
  instanceTypes: types('g6e.xlarge'),
  scaling: { maxReplicas: 4, targetConcurrencyPerReplica: 32 },
  workflows: [{ id: 'DraftNote', ...workflowProps }],
  ...changes,
});
const template = Template.fromStack(selfHosted({ alertEmails: ['team@example.com'], costAllocationTagActive: true }));

/** What the controller is told; what only a deployment knows stands for itself. */
function controllerConfig(from = template) {
  const [fn] = Object.values(from.findResources('AWS::Lambda::Function', { Properties: { Runtime: 'nodejs24.x', Environment: Match.anyValue() } }));
  const { AI_MARGIN_CONTROLLER: text } = fn!.Properties.Environment.Variables as Record<string, { 'Fn::Join': [string, unknown[]] }>;
  return controllerConfigSchema.parse(JSON.parse(text!['Fn::Join'][1].map(part => typeof part === 'string' ? part : Object.values(part as object).flat().join('.')).join('')));
}

test('the group serves every workflow, which carries its cost', () => {
  const declaration = declarationSchema.parse(template.toJSON().Metadata.AiMargin);
  expect(declaration.workflows[0]!.servedBy).toEqual([{ provider: 'gpu-group', model: 'SelfHosted/Model', serviceTier: 'standard', premium: false, sharePercent: 100 }]);
  expect(declaration.groups[0]!.floors).toEqual([]);
  const floored = Template.fromStack(selfHosted({ morningPeak: { minReplicas: 2, schedule: Schedule.cron({ hour: '8', minute: '40' }), duration: Duration.hours(2) } }));
  expect(declarationSchema.parse(floored.toJSON().Metadata.AiMargin).groups[0]!.floors).toHaveLength(1);
  expect(controllerConfig(floored).floors).toEqual([{ id: 'MorningPeak', minReplicas: 2, cron: '40 8 * * *', timeZone: 'Etc/UTC', durationSeconds: 7_200 }]);
});

test('the controller is told the group, the market prices and the cap', () => {
  expect(controllerConfig()).toMatchObject({
    group: 'SelfHosted/Model', spendCapReplicas: 1, instances: [{ type: 'g6e.xlarge', onDemandUsdPerHour: 1.861 }], coldStartSeconds: 253,
    scaling: { minReplicas: 1, maxReplicas: 4, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 },
  });
  template.hasResourceProperties('AWS::Lambda::Function', { Architectures: ['arm64'], Runtime: 'nodejs24.x', MemorySize: 256, Timeout: 50 });
  expect(controllerConfig(Template.fromStack(selfHosted({ env: { region: 'ap-south-1' } }))).instances).toEqual([{ type: 'g6e.xlarge', onDemandUsdPerHour: null }]);
});

test('the controller hears of each minute, failed launches of its groups, spot notices and its service', () => {
  const rules = Object.values(template.findResources('AWS::Events::Rule')).map(r => r.Properties as { ScheduleExpression?: string; EventPattern?: Record<string, unknown> });
  expect(rules.map(r => r.ScheduleExpression ?? (r.EventPattern!['detail-type'] as string[]).join())).toEqual([
    'EC2 Instance Launch Unsuccessful', 'EC2 Spot Instance Interruption Warning,EC2 Instance Rebalance Recommendation', 'ECS Service Action', 'rate(1 minute)',
  ]);
  expect(JSON.stringify(rules[0]!.EventPattern)).toMatch(/FleetSpot.*FleetOnDemand/);
});

test('the controller may size its two groups, drain its cluster, write its state, and otherwise only read', () => {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('ModelControllerRole')).map(([, p]) => p);
  const statements = policy!.Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
  const resourcesOf = (action: string): unknown => statements.filter(s => [s.Action].flat().includes(action)).map(s => s.Resource);
  expect(statements.flatMap(s => s.Action).sort()).toEqual([
    'autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities', 'autoscaling:SetDesiredCapacity', 'autoscaling:SuspendProcesses',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    'cloudwatch:GetMetricData', 'dynamodb:UpdateItem', 'ec2:DescribeSpotPriceHistory', 'ecs:DescribeContainerInstances', 'ecs:DescribeServices', 'ecs:ListContainerInstances',
    'ecs:UpdateContainerInstancesState', 'elasticloadbalancing:DescribeTargetHealth', 'logs:CreateLogStream', 'logs:PutLogEvents',
  ]);
  expect(resourcesOf('autoscaling:SetDesiredCapacity')).toEqual([[
    { 'Fn::GetAtt': [expect.stringContaining('FleetSpot'), 'AutoScalingGroupARN'] }, { 'Fn::GetAtt': [expect.stringContaining('FleetOnDemand'), 'AutoScalingGroupARN'] },
  ]]);
  expect(statements.find(s => [s.Action].flat().includes('ecs:UpdateContainerInstancesState'))!.Condition).toEqual({ ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [expect.any(String), 'Arn'] } } });
});

test('without an active tag nobody else\'s spending shrinks the group', () => {
  const untagged = Template.fromStack(selfHosted());
  expect(controllerConfig(untagged)).not.toHaveProperty('spendCapReplicas');
  untagged.resourceCountIs('AWS::Budgets::Budget', 1);
  untagged.resourceCountIs('AWS::SNS::Topic', 1);
});

test('a spent budget reaches the controller on a topic of its own', () => {
  template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'lambda', TopicArn: { Ref: Match.stringLikeRegexp('OverBudget') } });
  template.hasResourceProperties('AWS::Budgets::Budget', {
    NotificationsWithSubscribers: [Match.objectLike({ Notification: Match.objectLike({ NotificationType: 'ACTUAL', Threshold: 100 }), Subscribers: [{ SubscriptionType: 'SNS', Address: { Ref: Match.stringLikeRegexp('OverBudget') } }] })],
  });
});

interface Alarm { MetricName?: string; Metrics?: { Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[] }
const watched = ({ MetricName, Metrics = [] }: Alarm): string => Metrics.find(m => m.Expression)?.Expression ?? Metrics[0]?.MetricStat?.Metric.MetricName ?? MetricName!;

test('the alarms, each with an action, and what they watch', () => {
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties: a }]) => ({
    name: /ModelAlarms(\w+?)[0-9A-F]{8}$/.exec(id)![1]!, periods: a.EvaluationPeriods as number, missing: a.TreatMissingData as string,
    actions: (a.AlarmActions as unknown[]).length, threshold: `${a.ComparisonOperator === 'LessThanThreshold' ? '<' : '>'} ${a.Threshold}`, expression: watched(a as Alarm),
  }));
  expect(alarms.map(({ name, threshold, periods, missing, expression }) => [name, threshold, periods, missing, expression])).toEqual([
    ['Utilization', '< 35', 12, 'notBreaching', 'IF(demand > floor AND rated > 0, 100 * tokens / rated, 100)'],
    ['Saturation', '> 0', 5, 'notBreaching', 'IF(demand >= maximum, waitingSeconds / 60, 0)'],
    ['Unhealthy', '> 0', 10, 'notBreaching', 'Unhealthy'],
    ['OnDemandShare', '> 50', 6, 'notBreaching', 'IF(demand > 1, 100 * (onDemand - 1) / (demand - 1), 0)'],
    ['LaunchFailures', '> 0', 1, 'notBreaching', 'OnDemandLaunchFailures'],
    ['ControllerErrors', '> 0', 3, 'notBreaching', 'Errors'],
    ['FailedActions', '> 0', 5, 'notBreaching', 'FailedActions'],
    ['MissedTicks', '< 1', 2, 'breaching', 'Ticks'],
  ]);
  expect(alarms.every(a => a.actions === 1)).toBe(true);
});

test('no tick is missed before there is a minute to tick on', () => {
  const [missed] = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([id]) => id.includes('MissedTicks')).map(([, alarm]) => alarm);
  expect(missed!.DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('EveryMinute')]));
});

test('where the price is unknown the dashboard says so, and the stack still synthesizes', () => {
  const elsewhere = JSON.stringify(Template.fromStack(selfHosted({ env: { region: 'ap-south-1' } })).findResources('AWS::CloudWatch::Dashboard'));
  expect(elsewhere).toContain('The price of these instances is unknown');
  expect(JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'))).not.toContain('unknown');
});

test('what cannot work is refused', () => expect(() => selfHosted({ workflows: [] })).toThrow(/SelfHosted: workflows is empty/));
