import { CfnOutput, Duration, Stack, StackProps, Tags } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, SingleValueWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { AiBudget } from '../economics/ai-budget';
import { AlertTopic } from '../economics/alert-topic';
import { ModelUse } from '../economics/model-use';
import { UnitEconomics, UnitEconomicsProps } from '../economics/unit-economics';
import { WorkflowProps } from '../economics/workflow';
import { GpuInferenceGroup } from '../inference/gpu-inference-group';
import { GpuQuota, GpuScaling } from '../inference/gpu-inference-group-props';
import { GpuMonitoring } from '../inference/gpu-monitoring';
import { Purchase } from '../inference/purchase';
import { ScheduledFloorProps } from '../inference/scheduled-floor';
import { ServedModel } from '../inference/served-model';
import { acknowledge } from './self-hosted-acknowledgements';
import { InputError } from '../../lib/errors';

/** A workflow that the GPU group serves. */
export interface SelfHostedWorkflow extends WorkflowProps {
  /** Construct id of the workflow, such as `DraftNote`. */
  readonly id: string;
}

/** Props of SelfHosted. */
export interface SelfHostedProps extends StackProps {
  /** What the stack must earn. */
  readonly economics: UnitEconomicsProps;
  /** The workflows, at least one. */
  readonly workflows: SelfHostedWorkflow[];
  /** The open model that serves them. */
  readonly model: ServedModel;
  /** GPU instance types of one GPU count; the first is the expected one. */
  readonly instanceTypes: InstanceType[];
  /** How many replicas. */
  readonly scaling: GpuScaling;
  /**
   * How instances are bought.
   *
   * @default Purchase.spotWithFallback()
   */
  readonly purchase?: Purchase;
  /**
   * Replicas kept ready for a peak that is known.
   *
   * @default - none
   */
  readonly morningPeak?: ScheduledFloorProps;
  /** Monthly budget, in USD. */
  readonly monthlyBudgetUsd: number;
  /**
   * Whether the tag `ai-margin:stack` is active for cost allocation in the payer account. Only then the budget counts this
   * stack alone, and only then the group shrinks to `replicasOverBudget` once it is spent, until the month ends: somebody
   * else's spending must not take this model down. A budget on a tag that is not active stays at 0 USD for ever.
   *
   * @default false - the budget counts the whole account, and only tells
   */
  readonly costAllocationTagActive?: boolean;
  /**
   * Replicas at most once the budget of this stack is spent.
   *
   * @default 1
   */
  readonly replicasOverBudget?: number;
  /**
   * What the account may run.
   *
   * @default - not declared; CAP002 says so
   */
  readonly quota?: GpuQuota;
  /**
   * Addresses that get every alert.
   *
   * @default - nobody is subscribed yet
   */
  readonly alertEmails?: string[];
}

const STACK_TAG = 'ai-margin:stack';

/**
 * An open model on own GPUs, in a network of its own: spot with on-demand standing in, replicas ready before the known
 * peak, alarms on idle GPUs, a budget that can shrink the group, a dashboard. Beside its instances about 65 USD a month: 36
 * for the NAT gateway and its address, 18 for the load balancer, 6 for metrics, 3 for the dashboard, 1 for the key; and about
 * 1 USD for each start of an instance, which pulls its image and weights through the NAT gateway.
 */
export class SelfHosted extends Stack {
  /** What the stack earns and uses. */
  public readonly economics: UnitEconomics;
  /** The replicas. */
  public readonly group: GpuInferenceGroup;
  /** Where alerts go. */
  public readonly alerts: AlertTopic;

  public constructor(scope: Construct, id: string, props: SelfHostedProps) {
    super(scope, id, props);
    if (props.workflows.length === 0) throw new InputError(`${this.node.path}: workflows is empty; declare at least one.`);
    Tags.of(this).add(STACK_TAG, this.stackName);
    this.economics = new UnitEconomics(this, 'Economics', props.economics);
    this.alerts = new AlertTopic(this, 'Alerts', { emails: props.alertEmails });
    // Each message on it shrinks the group, so no other alert may come this way.
    const overBudget = props.costAllocationTagActive ? new AlertTopic(this, 'OverBudget', { emails: props.alertEmails }) : undefined;

    this.group = new GpuInferenceGroup(this, 'Model', {
      model: props.model,
      instanceTypes: props.instanceTypes,
      scaling: props.scaling,
      purchase: props.purchase,
      quota: props.quota,
      monitoring: GpuMonitoring.alarms({ topic: this.alerts.topic }),
      spendCap: overBudget && { topic: overBudget.topic, maxReplicas: props.replicasOverBudget ?? 1 },
    });
    acknowledge(this.group);
    if (props.morningPeak) this.group.addScheduledFloor('MorningPeak', props.morningPeak);
    for (const { id: workflowId, ...declared } of props.workflows) {
      this.economics.addWorkflow(workflowId, declared).servedBy(ModelUse.gpuGroup(this.group));
    }

    const budget = { monthlyUsd: props.monthlyBudgetUsd, tag: overBudget && { key: STACK_TAG, value: this.stackName } };
    new AiBudget(this, 'Budget', { ...budget, topic: this.alerts.topic });
    if (overBudget) new AiBudget(this, 'SpendCap', { ...budget, topic: overBudget.topic, actualPercents: [100], forecastPercents: [] });
    this.addDashboard();
    for (const topic of overBudget ? [this.alerts, overBudget] : [this.alerts]) this.declareAlerts(topic, (props.alertEmails ?? []).length > 0);

    new CfnOutput(this, 'Url', { value: this.group.url, description: 'OpenAI-compatible API, inside the VPC' });
    new CfnOutput(this, 'ApiKeySecret', { value: this.group.apiKey.secretArn, description: 'Secret that holds the API key' });
  }

  private addDashboard(): void {
    const period = Duration.minutes(5);
    new Dashboard(this, 'Costs', { defaultInterval: Duration.days(7) }).addWidgets(
      new SingleValueWidget({ title: 'GPU utilisation, %', metrics: [this.group.metricUtilization({ period: Duration.hours(1) })], width: 6, height: 4 }),
      new SingleValueWidget({ title: 'Idle replica hours', metrics: [this.group.metricIdleReplicaHours({ period: Duration.days(1) })], width: 6, height: 4 }),
      ...this.group._isPriced ? [
        new SingleValueWidget({ title: 'Instances, USD an hour', metrics: [this.group.metricCostPerHour({ period })], width: 6, height: 4 }),
        new SingleValueWidget({ title: 'Idle floor, USD an hour', metrics: [this.group.metricIdleFloorCostPerHour({ period })], width: 6, height: 4 }),
      ] : [new TextWidget({ markdown: 'The price of these instances is unknown, so their cost is not shown.', width: 12, height: 4 })],
      new GraphWidget({ title: 'Calls in flight', left: [this.group.metricInFlight({ period })], width: 12, height: 6 }),
      new GraphWidget({ title: 'Utilisation, %', left: [this.group.metricUtilization({ period })], width: 12, height: 6 }),
    );
  }

  /** A hundred alerts a month at the most. */
  private declareAlerts(topic: AlertTopic, subscribed: boolean): void {
    const mails = subscribed ? { 'sns/email-delivery': 100 } : undefined;
    this.economics.declareUsage(topic, { quantities: { 'sns/request': 100, 'kms/request': 200, ...mails }, grows: false });
  }
}
