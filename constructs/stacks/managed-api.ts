import { CfnOutput, Duration, RemovalPolicy, Stack, StackProps, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { IPrincipal, IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AiBudget } from '../economics/ai-budget';
import { AlertTopic } from '../economics/alert-topic';
import { CostDashboard } from '../economics/cost-dashboard';
import { ModelUse } from '../economics/model-use';
import { UnitEconomics, UnitEconomicsProps } from '../economics/unit-economics';
import { Workflow, WorkflowProps } from '../economics/workflow';
import { WorkflowInferenceProfile } from '../inference/bedrock-profile';
import { InputError } from '../../lib/errors';
import { HOURS_PER_MONTH } from '../../lib/money';

/** A workflow and the Bedrock model that serves it. */
export interface ManagedWorkflow extends WorkflowProps {
  /** Construct id of the workflow, such as `DraftNote`. */
  readonly id: string;
  /** The Bedrock model that serves every call. */
  readonly model: ModelUse;
}

/** Props of ManagedApi. */
export interface ManagedApiProps extends StackProps {
  /** What the stack must earn. */
  readonly economics: UnitEconomicsProps;
  /** The workflows, at least one. */
  readonly workflows: ManagedWorkflow[];
  /** Monthly budget, in USD. */
  readonly monthlyBudgetUsd: number;
  /**
   * Whether the tag `ai-margin:stack` is active for cost allocation in the payer account. Only then the budget counts
   * this stack alone; a budget on a tag that is not active stays at 0 USD for ever.
   *
   * @default false - the budget counts the whole account
   */
  readonly costAllocationTagActive?: boolean;
  /**
   * Addresses that get every alert.
   *
   * @default - nobody is subscribed yet
   */
  readonly alertEmails?: string[];
  /**
   * Who may assume the caller role.
   *
   * @default - ECS tasks
   */
  readonly caller?: IPrincipal;
  /**
   * Gigabytes of usage records the callers write a month at 1x.
   *
   * @default 1
   */
  readonly usageRecordGigabytes?: number;
}

/** An hour with this many times the average tokens is worth a look, unless the declared peak alone explains it. */
const TOKEN_SURGE = 4;
const STACK_TAG = 'ai-margin:stack';

/**
 * Managed model APIs with guardrails on the money: a tagged inference profile per workflow, a role that can call
 * nothing else, alarms on tokens, throttles and latency, a budget, a dashboard and a log group for usage records. About
 * 5 USD a month beside the models: 3 for the dashboard, 1 for the key, .10 for each metric an alarm watches, .53 for logs.
 */
export class ManagedApi extends Stack {
  /** What the stack earns and uses. */
  public readonly economics: UnitEconomics;
  /** One tagged profile per workflow. */
  public readonly profiles: WorkflowInferenceProfile[];
  /** The role that may call the profiles and write usage records. */
  public readonly callerRole: IRole;
  /** Where alerts go. */
  public readonly alerts: AlertTopic;

  public constructor(scope: Construct, id: string, props: ManagedApiProps) {
    super(scope, id, props);
    if (props.workflows.length === 0) throw new InputError(`${this.node.path}: workflows is empty; declare at least one.`);
    // The stack's name is one of its own in an account, also where stages repeat its id.
    Tags.of(this).add(STACK_TAG, this.stackName);

    this.economics = new UnitEconomics(this, 'Economics', props.economics);
    this.alerts = new AlertTopic(this, 'Alerts', { emails: props.alertEmails });
    this.profiles = props.workflows.map(({ id: workflowId, model, ...declared }) => {
      const workflow = this.economics.addWorkflow(workflowId, declared);
      workflow.servedBy(model);
      const profile = new WorkflowInferenceProfile(this, `${workflowId}Profile`, { workflow, model });
      this.addAlarms(profile, workflow, declared);
      return profile;
    });

    const usageLog = new LogGroup(this, 'UsageLog', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.callerRole = new Role(this, 'CallerRole', {
      assumedBy: props.caller ?? new ServicePrincipal('ecs-tasks.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': this.account } } }),
      description: `Calls the inference profiles of ${id} and writes usage records`,
    });
    this.profiles.forEach(profile => profile.grantInvoke(this.callerRole));
    usageLog.grantWrite(this.callerRole);

    new AiBudget(this, 'Budget', {
      monthlyUsd: props.monthlyBudgetUsd, topic: this.alerts.topic, tag: props.costAllocationTagActive ? { key: STACK_TAG, value: this.stackName } : undefined,
    });
    new CostDashboard(this, 'Costs', { economics: this.economics, profiles: this.profiles });
    this.declareOwnUsage(usageLog, props.usageRecordGigabytes ?? 1, (props.alertEmails ?? []).length > 0);

    new CfnOutput(this, 'CallerRoleArn', { value: this.callerRole.roleArn, description: 'Role that may call the workflows' });
    for (const profile of this.profiles) {
      new CfnOutput(this, `${profile.workflow.node.id}ModelId`, {
        value: profile.profileArn, description: `Give this as model id for calls of ${profile.workflow.node.id}`,
      });
    }
  }

  private addAlarms(profile: WorkflowInferenceProfile, workflow: Workflow, declared: WorkflowProps): void {
    const mostTokens = tokensOfABusyHour(declared);
    const tokens = new MathExpression({
      expression: 'input + output', usingMetrics: { input: profile.metricInputTokens(), output: profile.metricOutputTokens() },
      label: 'tokens an hour', period: Duration.hours(1),
    });
    this.alarm(`${workflow.node.id}Tokens`, tokens, mostTokens,
      `${workflow.node.path}: more tokens in an hour than the declared peak uses, and than ${TOKEN_SURGE} times the declared average`);
    this.alarm(`${workflow.node.id}Throttles`, profile.metricThrottles(), 0, `${workflow.node.path}: Bedrock throttled calls; ask for more quota or lower the peak`);
    if (workflow.maxP95LatencySeconds !== undefined) {
      this.alarm(`${workflow.node.id}Latency`, profile.metricP95Latency(), workflow.maxP95LatencySeconds * 1000,
        `${workflow.node.path}: the slowest calls in twenty take longer than ${workflow.maxP95LatencySeconds} s`);
    }
  }

  private alarm(id: string, metric: IMetric, threshold: number, alarmDescription: string): void {
    const alarm = new Alarm(this, id, {
      metric, threshold, alarmDescription, evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD, treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.alerts.topic));
  }

  /** What this stack's own parts use: usage records a month, kept for one; a hundred alerts a month at the most. */
  private declareOwnUsage(usageLog: LogGroup, gigabytes: number, subscribed: boolean): void {
    this.economics.declareUsage(usageLog, { quantities: { 'logs/ingestion': gigabytes, 'logs/storage': gigabytes } });
    const mails = subscribed ? { 'sns/email-delivery': 100 } : undefined;
    this.economics.declareUsage(this.alerts, { quantities: { 'sns/request': 100, 'kms/request': 200, ...mails }, grows: false });
  }
}

/** As Bedrock counts: without tokens read from or written to its prompt cache, and without calls a response cache answers. */
function tokensOfABusyHour({ runsPerMonth, callsPerRun = 1, tokensPerCall, responseCacheHitPercent = 0, peakConcurrency, averageDuration }: WorkflowProps): number {
  const { input, output, cacheRead = 0, cacheWrite = 0 } = tokensPerCall;
  const perCall = input - cacheRead - cacheWrite + output;
  const averageCalls = runsPerMonth * callsPerRun * (1 - responseCacheHitPercent / 100) / HOURS_PER_MONTH.toNumber();
  const peakCalls = peakConcurrency * 3600 / averageDuration.toSeconds({ integral: false });
  return Math.ceil(perCall * Math.max(averageCalls * TOKEN_SURGE, peakCalls));
}
