/** The Price List products behind the items that are not per instance type. Usage types are those of AWS's offer files. */
import type { PriceQuery } from './queries';
import * as unit from './units';

type Row = [item: string, serviceCode: string, usagetype: string | string[], unit: unit.Unit, ourUnit: string, more?: Partial<PriceQuery>];

const ALB = { filters: { productFamily: 'Load Balancer-Application' } };
const NLB = { filters: { productFamily: 'Load Balancer-Network' } };
const KMS = { spelling: 'region' } as const;
const PARTLY = { everywhere: false };
const POSTGRES = { filters: { databaseEngine: 'PostgreSQL', deploymentOption: 'Single-AZ' } };
const group = (name: string): Partial<PriceQuery> => ({ filters: { group: name } });
const transfer = (transferType: string): Partial<PriceQuery> => ({ regional: false, filters: { transferType } });
/** Sold once for the world: no region in the usage type nor in the attributes. */
const GLOBAL = { regional: false, spelling: 'as-is' } as const;

const ROWS: Row[] = [
  ['alb/hour', 'AWSELB', 'LoadBalancerUsage', unit.HOUR, 'hour', ALB],
  ['alb/lcu', 'AWSELB', 'LCUUsage', unit.HOUR, 'LCU-hour', ALB],
  ['nlb/hour', 'AWSELB', 'LoadBalancerUsage', unit.HOUR, 'hour', NLB],
  ['nlb/lcu', 'AWSELB', 'LCUUsage', unit.HOUR, 'LCU-hour', NLB],
  ['api-gateway/http-request', 'AmazonApiGateway', 'ApiGatewayHttpRequest', unit.COUNT, 'request'],
  ['api-gateway/rest-request', 'AmazonApiGateway', 'ApiGatewayRequest', unit.COUNT, 'request'],
  ['athena/scanned', 'AmazonAthena', 'DataScannedInTB', unit.TB, 'TB'],
  ['aurora/acu', 'AmazonRDS', 'Aurora:ServerlessV2Usage', unit.HOUR, 'ACU-hour', { filters: { databaseEngine: 'Aurora PostgreSQL' } }],
  ['cloudfront/us-out', 'AmazonCloudFront', 'US-DataTransfer-Out-Bytes', unit.GB, 'GB', GLOBAL],
  ['cloudwatch/alarm', 'AmazonCloudWatch', 'CW:AlarmMonitorUsage', unit.COUNT, 'alarm metric-month'],
  ['cloudwatch/alarm-high-resolution', 'AmazonCloudWatch', 'CW:HighResAlarmMonitorUsage', unit.COUNT, 'alarm metric-month'],
  ['cloudwatch/composite-alarm', 'AmazonCloudWatch', 'CW:CompositeAlarmMonitorUsage', unit.COUNT, 'alarm-month'],
  ['cloudwatch/dashboard', 'AmazonCloudWatch', 'DashboardsUsageHour', unit.COUNT, 'dashboard-month', GLOBAL],
  ['cloudwatch/get-metric-data', 'AmazonCloudWatch', 'CW:GMD-Metrics', unit.COUNT, 'metric requested'],
  ['cloudwatch/metric', 'AmazonCloudWatch', 'CW:MetricMonitorUsage', unit.COUNT, 'metric-month'],
  ['data-transfer/inter-az', 'AWSDataTransfer', 'DataTransfer-Regional-Bytes', unit.GB, 'GB', transfer('IntraRegion')],
  ['data-transfer/internet-out', 'AWSDataTransfer', 'DataTransfer-Out-Bytes', unit.GB, 'GB', transfer('AWS Outbound')],
  ['dynamodb/rcu', 'AmazonDynamoDB', 'ReadCapacityUnit-Hrs', unit.HOUR, 'RCU-hour', group('DDB-ReadUnits')],
  ['dynamodb/wcu', 'AmazonDynamoDB', 'WriteCapacityUnit-Hrs', unit.HOUR, 'WCU-hour', group('DDB-WriteUnits')],
  ['dynamodb/read-unit', 'AmazonDynamoDB', 'ReadRequestUnits', unit.COUNT, 'read unit'],
  ['dynamodb/write-unit', 'AmazonDynamoDB', 'WriteRequestUnits', unit.COUNT, 'write unit'],
  ['dynamodb/storage', 'AmazonDynamoDB', 'TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month'],
  ['ebs/gp3-iops', 'AmazonEC2', 'EBS:VolumeP-IOPS.gp3', unit.COUNT, 'IOPS-month'],
  ['ebs/gp3-storage', 'AmazonEC2', 'EBS:VolumeUsage.gp3', unit.GB_MONTH, 'GB-month'],
  ['ebs/gp3-throughput', 'AmazonEC2', 'EBS:VolumeP-Throughput.gp3', unit.MBPS_MONTH, 'MBps-month'],
  ['ebs/snapshot', 'AmazonEC2', 'EBS:SnapshotUsage', unit.GB_MONTH, 'GB-month'],
  ['ecr/storage', 'AmazonECR', 'TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month'],
  ['efs/storage', 'AmazonEFS', 'TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month'],
  ['eks/cluster', 'AmazonEKS', 'AmazonEKS-Hours:perCluster', unit.HOUR, 'hour'],
  ['elasticache-serverless/redis-ecpu', 'AmazonElastiCache', 'ElastiCacheProcessingUnits:Redis', unit.COUNT, 'ECPU', PARTLY],
  ['elasticache-serverless/redis-storage', 'AmazonElastiCache', 'CachedData:Redis', unit.HOUR, 'GB-hour', PARTLY],
  ['elasticache-serverless/valkey-ecpu', 'AmazonElastiCache', 'ElastiCacheProcessingUnits:Valkey', unit.COUNT, 'ECPU', PARTLY],
  ['elasticache-serverless/valkey-storage', 'AmazonElastiCache', 'CachedData:Valkey', unit.HOUR, 'GB-hour', PARTLY],
  ['endpoint/data', 'AmazonVPC', 'VpcEndpoint-Bytes', unit.GB, 'GB'],
  ['endpoint/hour', 'AmazonVPC', 'VpcEndpoint-Hours', unit.HOUR, 'AZ-hour'],
  ['eventbridge/custom-event', 'AWSEvents', 'Event-64K-Chunks', unit.EVENT, 'event', { filters: { eventType: 'Custom Event' } }],
  ['fargate/arm-memory', 'AmazonECS', 'Fargate-ARM-GB-Hours', unit.HOUR, 'GB-hour', PARTLY],
  ['fargate/arm-vcpu', 'AmazonECS', 'Fargate-ARM-vCPU-Hours:perCPU', unit.HOUR, 'vCPU-hour', PARTLY],
  ['fargate/ephemeral-storage', 'AmazonECS', 'Fargate-EphemeralStorage-GB-Hours', unit.HOUR, 'GB-hour'],
  ['fargate/memory', 'AmazonECS', 'Fargate-GB-Hours', unit.HOUR, 'GB-hour'],
  ['fargate/vcpu', 'AmazonECS', 'Fargate-vCPU-Hours:perCPU', unit.HOUR, 'vCPU-hour'],
  ['kms/key', 'awskms', 'KMS-Keys', unit.COUNT, 'key-month', KMS],
  ['kms/request', 'awskms', 'KMS-Requests', unit.COUNT, 'request', KMS],
  ['lambda/arm-duration', 'AWSLambda', 'Lambda-GB-Second-ARM', unit.GB_SECOND, 'GB-second', PARTLY],
  ['lambda/ephemeral-storage', 'AWSLambda', 'Lambda-Storage-GB-Second', unit.GB_SECOND, 'GB-second'],
  ['lambda/request', 'AWSLambda', 'Request', unit.COUNT, 'request'],
  ['lambda/x86-duration', 'AWSLambda', 'Lambda-GB-Second', unit.GB_SECOND, 'GB-second'],
  ['logs/ingestion', 'AmazonCloudWatch', 'DataProcessing-Bytes', unit.GB, 'GB', group('Ingested Logs')],
  ['logs/insights-scanned', 'AmazonCloudWatch', 'DataScanned-Bytes', unit.GB, 'GB'],
  ['logs/storage', 'AmazonCloudWatch', 'TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month'],
  ['nat/data', 'AmazonEC2', 'NatGateway-Bytes', unit.GB, 'GB'],
  ['nat/hour', 'AmazonEC2', 'NatGateway-Hours', unit.HOUR, 'hour'],
  // One item for both kinds of unit: should AWS ever price them apart, the refresh says so instead of choosing.
  ['opensearch-serverless/ocu', 'AmazonES', ['SearchOCU', 'IndexingOCU'], unit.HOUR, 'OCU-hour', PARTLY],
  ['opensearch-serverless/storage', 'AmazonES', 'StorageUsedInS3ByteHour', unit.GB_MONTH, 'GB-month', PARTLY],
  ['public-ipv4/hour', 'AmazonVPC', 'PublicIPv4:InUseAddress', unit.HOUR, 'hour'],
  ['rds/db.t4g.micro-postgres', 'AmazonRDS', 'InstanceUsage:db.t4g.micro', unit.HOUR, 'hour', POSTGRES],
  ['rds/gp3-storage', 'AmazonRDS', 'RDS:GP3-Storage', unit.GB_MONTH, 'GB-month', POSTGRES],
  ['s3-vectors/put', 'AmazonS3', 'Vectors-Put-Bytes', unit.GB, 'GB', PARTLY],
  ['s3-vectors/storage', 'AmazonS3', 'Vectors-TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month', PARTLY],
  ['s3/read-request', 'AmazonS3', 'Requests-Tier2', unit.COUNT, 'request', group('S3-API-Tier2')],
  ['s3/storage', 'AmazonS3', 'TimedStorage-ByteHrs', unit.GB_MONTH, 'GB-month', { filters: { volumeType: 'Standard' } }],
  ['s3/write-request', 'AmazonS3', 'Requests-Tier1', unit.COUNT, 'request', group('S3-API-Tier1')],
  ['secrets-manager/request', 'AWSSecretsManager', 'AWSSecretsManagerAPIRequest', unit.COUNT, 'request'],
  ['secrets-manager/secret', 'AWSSecretsManager', 'AWSSecretsManager-Secrets', unit.COUNT, 'secret-month'],
  ['sns/email-delivery', 'AmazonSNS', 'DeliveryAttempts-SMTP', unit.COUNT, 'delivery'],
  ['sns/http-delivery', 'AmazonSNS', 'DeliveryAttempts-HTTP', unit.COUNT, 'delivery'],
  ['sns/request', 'AmazonSNS', 'Requests-Tier1', unit.COUNT, 'request', group('SNS-Requests-Tier1')],
  // Virginia names its standard queue "Requests-RBP", other regions "Requests-Tier1".
  ['sqs/request', 'AWSQueueService', ['Requests-RBP', 'Requests-Tier1'], unit.COUNT, 'request', { filters: { queueType: 'Standard' } }],
  ['step-functions/express-duration', 'AmazonStates', 'StepFunctions-GB-Second', unit.GB_HOUR_OF_SECONDS, 'GB-hour'],
  ['step-functions/express-request', 'AmazonStates', 'StepFunctions-Request', unit.COUNT, 'request'],
  ['step-functions/transition', 'AmazonStates', 'StateTransition', unit.COUNT, 'transition'],
  ['waf/request', 'awswaf', 'RequestV2-Tier1', unit.COUNT, 'request'],
  ['waf/rule', 'awswaf', 'RuleV2', unit.COUNT, 'rule-month'],
  ['waf/web-acl', 'awswaf', 'WebACLV2', unit.COUNT, 'ACL-month'],
];

export const FIXED_QUERIES: readonly PriceQuery[] = ROWS.map(([item, serviceCode, usagetype, apiUnit, ourUnit, more]) => ({
  item,
  serviceCode,
  usagetypes: [usagetype].flat(),
  spelling: 'billing-code',
  filters: {},
  where: {},
  listed: 'by usage type',
  regional: true,
  unit: apiUnit,
  ourUnit,
  everywhere: true,
  ...more,
}));
