/** An app for the benchmarks; context says of how many resources, and whether it is checked. */
import { App, AppProps, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnInstance } from 'aws-cdk-lib/aws-ec2';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AiMarginChecks, ModelUse, Revenue, UnitEconomics } from '../../constructs';

export function benchApp(props: AppProps = {}): App {
  const app = new App(props);
  const resources = Number(app.node.tryGetContext('resources'));
  const stack = new Stack(app, 'Bench', { env: { region: 'us-east-1' } });
  const economics = new UnitEconomics(stack, 'Economics', { targetGrossMarginPercent: 70 });
  economics.addWorkflow('Ask', {
    revenue: Revenue.perRun(0.08), runsPerMonth: 400_000, tokensPerCall: { input: 3_200, output: 700 }, peakConcurrency: 120, averageDuration: Duration.seconds(28),
  }).servedBy(ModelUse.bedrock('us.anthropic.claude-haiku-4-5-20251001-v1:0', { quotaTokensPerMinute: 100_000_000 }));
  for (let i = 0; i < resources / 5; i++) {
    new Queue(stack, `Queue${i}`);
    new Bucket(stack, `Bucket${i}`);
    new CfnInstance(stack, `Instance${i}`, { instanceType: 't4g.nano', imageId: 'ami-0123456789abcdef0' });
    new CfnFunction(stack, `Function${i}`, { code: { zipFile: 'x' }, role: 'arn:aws:iam::111122223333:role/x', runtime: 'nodejs24.x', handler: 'index.x' });
    new Alarm(stack, `Alarm${i}`, { metric: new Metric({ namespace: 'X', metricName: 'Y' }), threshold: 1, evaluationPeriods: 1 });
  }
  // Nothing is left undeclared: with findings, the CDK's own printing of them would be measured.
  economics.declareUsage(stack, { quantities: Object.fromEntries(USAGE.map(item => [item, 1])) });
  if (String(app.node.tryGetContext('checked')) === 'true') Validations.of(app).addPlugins(new AiMarginChecks(app));
  return app;
}

const USAGE = [
  'sqs/request', 's3/storage', 's3/write-request', 's3/read-request', 'lambda/request', 'lambda/x86-duration', 'ebs/gp3-storage', 'data-transfer/internet-out',
];

if (require.main === module) benchApp().synth();
