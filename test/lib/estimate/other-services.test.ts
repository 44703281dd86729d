/** The smaller families: what each resource is charged for, and what it says it cannot price. */
import { estimate, linesOf, quantitiesOf, reasonsOf } from './estimating';

const metric = (Period: unknown) => ({ Id: 'm', MetricStat: { Metric: { MetricName: 'Runs' }, Period, Stat: 'Sum' } });

test.each([
  ['one metric', { Period: 300 }, 'cloudwatch/alarm 1'],
  ['one metric every 10 seconds', { Period: '10' }, 'cloudwatch/alarm-high-resolution 1'],
  ['math over three metrics', { Metrics: [metric(60), metric(60), metric(300), { Id: 'e', Expression: 'm1/m2' }] }, 'cloudwatch/alarm 3'],
  ['math with one metric every 30 seconds', { Metrics: [metric(60), metric(30)] }, 'cloudwatch/alarm-high-resolution 2'],
  ['an anomaly band', { Metrics: [metric(60), { Id: 'b', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' }] }, 'cloudwatch/anomaly-alarm 1'],
  [
    'an anomaly band every 10 seconds',
    { Metrics: [metric(10), { Id: 'b', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' }] },
    'cloudwatch/alarm-high-resolution 3',
  ],
  [
    'a Metrics Insights query',
    { Metrics: [{ Id: 'q', Expression: 'SELECT AVG(Runs) FROM Product GROUP BY Tenant', Period: 300 }] },
    'cloudwatch/alarm -',
  ],
])('an alarm on %s', (_, properties, expected) => {
  expect(quantitiesOf('AWS::CloudWatch::Alarm', properties)).toEqual([expected]);
});

test.each([
  ['AWS::Lambda::Function', { Architectures: ['arm64'] }, ['lambda/arm-duration -', 'lambda/request -']],
  ['AWS::Lambda::Function', { EphemeralStorage: { Size: 512 } }, ['lambda/x86-duration -', 'lambda/request -']],
  [
    'AWS::Lambda::Function',
    { EphemeralStorage: { Size: 513 }, TracingConfig: { Mode: 'Active' } },
    ['lambda/x86-duration -', 'lambda/request -', 'lambda/ephemeral-storage -', 'xray/trace -'],
  ],
  [
    'AWS::StepFunctions::StateMachine',
    { StateMachineType: 'EXPRESS' },
    ['step-functions/express-request -', 'step-functions/express-duration -'],
  ],
  ['AWS::Scheduler::Schedule', {}, ['scheduler/invocation -']],
  ['AWS::AppConfig::ConfigurationProfile', {}, ['appconfig/request -', 'appconfig/configuration-received -']],
  [
    'AWS::Logs::MetricFilter',
    { MetricTransformations: [{ MetricName: 'A' }, { MetricName: 'B', Dimensions: [{ Key: 'Tenant', Value: '$.t' }] }] },
    ['cloudwatch/metric 1', 'cloudwatch/metric -'],
  ],
  ['AWS::ApplicationAutoScaling::ScalingPolicy', { TargetTrackingScalingPolicyConfiguration: { TargetValue: 1 } }, ['cloudwatch/alarm 2']],
  ['AWS::ApplicationAutoScaling::ScalingPolicy', { StepScalingPolicyConfiguration: {} }, []],
  ['AWS::Events::Rule', { ScheduleExpression: 'rate(1 day)' }, []],
  ['AWS::SNS::Topic', { Subscription: [{ Protocol: 'email' }, { Protocol: 'sqs' }] }, ['sns/request -', 'sns/email-delivery -']],
  ['AWS::WAFv2::WebACL', { Rules: [] }, ['waf/web-acl 1', 'waf/request -']],
])('%s %j is charged for %j', (type, properties, expected) => {
  expect(quantitiesOf(type, properties)).toEqual(expected);
  expect(reasonsOf(type, properties)).toEqual([]);
});

test.each([
  ['AWS::SNS::Subscription', { Protocol: 'sms' }],
  ['AWS::SNS::Subscription', { Protocol: 'application' }],
  ['AWS::SNS::Subscription', { Protocol: 'firehose' }],
  ['AWS::SNS::Subscription', { Protocol: 'sqs', FilterPolicyScope: 'MessageBody' }],
  ['AWS::SNS::Subscription', {}],
  ['AWS::SQS::Queue', { FifoQueue: true }],
  ['AWS::SNS::Topic', { FifoTopic: 'true' }],
  ['AWS::Events::Archive', {}],
  ['AWS::Pipes::Pipe', {}],
  ['AWS::Lambda::Alias', { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 } }],
  ['AWS::Lambda::Function', { Runtime: 'python3.14', SnapStart: { ApplyOn: 'PublishedVersions' } }],
  ['AWS::ApiGatewayV2::Api', { ProtocolType: 'WEBSOCKET' }],
  ['AWS::ApiGateway::Stage', { CacheClusterEnabled: true }],
  ['AWS::CloudWatch::MetricStream', {}],
  ['AWS::CloudWatch::AnomalyDetector', {}],
  ['AWS::Logs::LogGroup', { LogGroupClass: 'INFREQUENT_ACCESS' }],
  ['AWS::KMS::Key', { KeySpec: 'ECC_NIST_P256' }],
  ['AWS::SecretsManager::Secret', { ReplicaRegions: [{ Region: 'eu-west-1' }] }],
  ['AWS::KinesisFirehose::DeliveryStream', { DeliveryStreamType: 'MSKAsSource' }],
  ['AWS::KinesisFirehose::DeliveryStream', { ExtendedS3DestinationConfiguration: { DynamicPartitioningConfiguration: { Enabled: true } } }],
  ['AWS::WAFv2::RuleGroup', {}],
  [
    'AWS::WAFv2::WebACL',
    { Rules: [{ Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesBotControlRuleSet' } } }] },
  ],
  ['AWS::WAFv2::WebACL', { Rules: [{ Statement: { ManagedRuleGroupStatement: { VendorName: 'Fortinet', Name: 'all' } } }] }],
  ['AWS::EKS::Cluster', { ComputeConfig: { Enabled: true } }],
  ['AWS::SSM::Parameter', { Tier: 'Advanced' }],
  ['AWS::CertificateManager::Certificate', { CertificateAuthorityArn: 'arn:aws:acm-pca:...' }],
  ['AWS::Bedrock::Guardrail', {}],
  ['AWS::Cognito::UserPool', {}],
])('%s %j says what it cannot price', (type, properties) => {
  expect(reasonsOf(type, properties)).toEqual([expect.stringMatching(/\w/)]);
});

test.each([
  ['AWS::SSM::Parameter', { Type: 'String' }],
  ['AWS::CertificateManager::Certificate', { DomainName: 'example.com' }],
  ['AWS::Lambda::Version', {}],
  ['AWS::Lambda::EventSourceMapping', {}],
  [
    'AWS::KinesisFirehose::DeliveryStream',
    { ExtendedS3DestinationConfiguration: { DynamicPartitioningConfiguration: { Enabled: false } } },
  ],
  ['AWS::IAM::Role', {}],
  ['Custom::Anything', {}],
  ['AWS::CE::AnomalyMonitor', {}],
])('%s %j has nothing unpriced', (type, properties) => {
  expect(reasonsOf(type, properties)).toEqual([]);
});

test.each([
  ['AWS::WAFv2::WebACL', { Rules: [{}] }],
  ['AWS::KinesisFirehose::DeliveryStream', {}],
  ['AWS::Athena::WorkGroup', {}],
  ['AWS::EC2::EIP', {}],
])('the lines of %s say that their prices are inferred', (type, properties) => {
  expect(new Set(linesOf(estimate({ It: { Type: type, Properties: properties } })).map(line => line.status))).toEqual(
    new Set(['inferred']),
  );
});
