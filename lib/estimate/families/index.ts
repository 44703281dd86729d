/** All service families, one file each. */
import { Family } from '../family';
import { apiGateway } from './api-gateway';
import { appconfig } from './appconfig';
import { athena } from './athena';
import { autoscaling } from './autoscaling';
import { budgets } from './budgets';
import { cloudfront } from './cloudfront';
import { cloudwatch } from './cloudwatch';
import { containers } from './containers';
import { dynamodb } from './dynamodb';
import { ebs } from './ebs';
import { ec2 } from './ec2';
import { efs } from './efs';
import { elasticache } from './elasticache';
import { elb } from './elb';
import { endpoints } from './endpoints';
import { eventbridge } from './eventbridge';
import { fargate } from './fargate';
import { firehose } from './firehose';
import { freeUnless } from './free-unless';
import { kms } from './kms';
import { lambda } from './lambda';
import { logs } from './logs';
import { nat } from './nat';
import { opensearchServerless } from './opensearch-serverless';
import { rds } from './rds';
import { s3 } from './s3';
import { s3Vectors } from './s3-vectors';
import { scaling } from './scaling';
import { secretsManager } from './secrets-manager';
import { sns } from './sns';
import { sqs } from './sqs';
import { stepFunctions } from './step-functions';
import { waf } from './waf';

export const FAMILIES: readonly Family[] = [
  apiGateway, appconfig, athena, autoscaling, budgets, cloudfront, cloudwatch, containers, dynamodb, ebs, ec2, efs, elasticache, elb,
  endpoints, eventbridge, fargate, firehose, freeUnless, kms, lambda, logs, nat, opensearchServerless, rds, s3, s3Vectors, scaling,
  secretsManager, sns, sqs, stepFunctions, waf,
];
