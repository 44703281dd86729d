/** The CDK app named by cdk.json: every reference stack, checked by AwsSolutions and by us. */
import { App, Duration, TimeZone, Validations } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AiMarginChecks, ManagedApi, ModelPreset, ModelUse, Precision, Revenue, SelfHosted, ServedModel } from '../constructs';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new AiMarginChecks(app));

// Context lets a reader try another target: npx cdk synth -c target=80
const target = Number(app.node.tryGetContext('target') ?? 70);

new ManagedApi(app, 'ManagedApi', {
  env: { region: 'us-east-1' },
  description: 'Managed model APIs with guardrails on the money',
  economics: {
    targetGrossMarginPercent: target,
    growth: { usageMultiple: 10, revenueMultiple: 8, monthlyPercent: 15 },
    engineering: { hoursPerMonth: 20, hourlyUsd: 100 },
  },
  monthlyBudgetUsd: 3_000,
  workflows: [
    {
      id: 'DraftNote',
      feature: 'ambient-notes',
      model: ModelUse.bedrock('us.anthropic.claude-haiku-4-5-20251001-v1:0'),
      revenue: Revenue.perRun(0.09),
      runsPerMonth: 100_000,
      callsPerRun: 2,
      tokensPerCall: { input: 3_200, output: 700 },
      peakConcurrency: 30,
      averageDuration: Duration.seconds(12),
      maxP95LatencySeconds: 45,
    },
    {
      id: 'SuggestCodes',
      feature: 'ambient-notes',
      model: ModelUse.bedrock('us.amazon.nova-lite-v1:0'),
      revenue: Revenue.perRun(0.002),
      runsPerMonth: 100_000,
      tokensPerCall: { input: 2_000, output: 150 },
      peakConcurrency: 10,
      averageDuration: Duration.seconds(3),
    },
  ],
});

new SelfHosted(app, 'SelfHosted', {
  env: { region: 'us-east-1' },
  description: 'An open model on own GPUs: spot with on-demand standing in',
  economics: {
    targetGrossMarginPercent: target,
    growth: { usageMultiple: 10, revenueMultiple: 9 },
    engineering: { hoursPerMonth: 60, hourlyUsd: 100 },
  },
  monthlyBudgetUsd: 12_000,
  model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B, { weights: Precision.FP8 }),
  instanceTypes: ['g6e.xlarge', 'g6e.2xlarge'].map(type => new InstanceType(type)),
  scaling: { minReplicas: 1, maxReplicas: 40, targetConcurrencyPerReplica: 32 },
  morningPeak: {
    minReplicas: 4, schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '8', minute: '40' }), timeZone: TimeZone.AMERICA_NEW_YORK, duration: Duration.hours(2),
  },
  workflows: [{
    id: 'DraftNote',
    feature: 'ambient-notes',
    revenue: Revenue.perRun(0.08),
    runsPerMonth: 400_000,
    callsPerRun: 2,
    tokensPerCall: { input: 3_200, output: 700 },
    peakConcurrency: 120,
    averageDuration: Duration.seconds(28),
    maxP95LatencySeconds: 45,
  }],
});
