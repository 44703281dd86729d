/** The CDK app named by cdk.json: every reference stack, checked by AwsSolutions and by us. */
import { App, Duration, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AiMarginChecks, ManagedApi, ModelUse, Revenue } from '../constructs';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new AiMarginChecks(app));

new ManagedApi(app, 'ManagedApi', {
  env: { region: 'us-east-1' },
  description: 'Managed model APIs with guardrails on the money',
  economics: {
    // Context lets a reader try another target: npx cdk synth -c target=80
    targetGrossMarginPercent: Number(app.node.tryGetContext('target') ?? 70),
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
