/** Which family prices a resource type, and which types are known to be free. */
import { Charge } from './charge';
import { FAMILIES } from './families';
import { Resource } from './resource';

export const FAMILY_OF: ReadonlyMap<string, (resource: Resource) => Charge[]> =
  new Map(FAMILIES.flatMap(family => Object.entries(family.charges)));

/** Resources by service that cost nothing by themselves; what they start or move is charged where that happens. */
const FREE: Readonly<Record<string, readonly string[]>> = {
  ApiGateway: [
    'Account', 'ApiKey', 'Authorizer', 'BasePathMapping', 'DomainName', 'GatewayResponse', 'Method', 'Model', 'RequestValidator',
    'Resource', 'UsagePlan', 'UsagePlanKey', 'VpcLink',
  ],
  ApiGatewayV2: [
    'ApiMapping', 'Authorizer', 'Deployment', 'DomainName', 'Integration', 'IntegrationResponse', 'Model', 'Route', 'RouteResponse',
    'Stage', 'VpcLink',
  ],
  ApplicationAutoScaling: ['ScalableTarget'],
  Athena: ['NamedQuery', 'PreparedStatement'],
  AutoScaling: ['LaunchConfiguration', 'LifecycleHook', 'ScheduledAction'],
  Bedrock: ['ApplicationInferenceProfile'],
  CDK: ['Metadata'],
  CE: ['AnomalyMonitor', 'AnomalySubscription', 'CostCategory'],
  CloudFormation: ['WaitCondition', 'WaitConditionHandle'],
  CloudFront: [
    'CachePolicy', 'CloudFrontOriginAccessIdentity', 'KeyGroup', 'OriginAccessControl', 'OriginRequestPolicy', 'PublicKey',
    'ResponseHeadersPolicy',
  ],
  EC2: [
    'CustomerGateway', 'DHCPOptions', 'EIPAssociation', 'EgressOnlyInternetGateway', 'GatewayRouteTableAssociation', 'InternetGateway',
    'KeyPair', 'LaunchTemplate', 'NetworkAcl', 'NetworkAclEntry', 'NetworkInterface', 'NetworkInterfaceAttachment', 'PlacementGroup',
    'PrefixList', 'Route', 'RouteTable', 'SecurityGroup', 'SecurityGroupEgress', 'SecurityGroupIngress', 'Subnet', 'SubnetCidrBlock',
    'SubnetNetworkAclAssociation', 'SubnetRouteTableAssociation', 'VPC', 'VPCCidrBlock', 'VPCDHCPOptionsAssociation',
    'VPCGatewayAttachment', 'VolumeAttachment',
  ],
  ECR: ['RegistryPolicy'],
  ECS: ['ClusterCapacityProviderAssociations', 'PrimaryTaskSet'],
  EFS: ['AccessPoint', 'MountTarget'],
  EKS: ['AccessEntry', 'IdentityProviderConfig', 'PodIdentityAssociation'],
  ElastiCache: ['ParameterGroup', 'SecurityGroup', 'SubnetGroup', 'User', 'UserGroup'],
  ElasticLoadBalancingV2: ['Listener', 'ListenerCertificate', 'ListenerRule', 'TargetGroup'],
  Events: ['EventBusPolicy'],
  IAM: [
    'AccessKey', 'Group', 'GroupPolicy', 'InstanceProfile', 'ManagedPolicy', 'OIDCProvider', 'Policy', 'Role', 'RolePolicy',
    'SAMLProvider', 'ServiceLinkedRole', 'User', 'UserPolicy', 'UserToGroupAddition',
  ],
  KMS: ['Alias'],
  Lambda: ['CodeSigningConfig', 'EventInvokeConfig', 'LayerVersion', 'LayerVersionPermission', 'Permission', 'Url'],
  Logs: ['LogStream', 'ResourcePolicy', 'SubscriptionFilter'],
  OpenSearchServerless: ['AccessPolicy', 'LifecyclePolicy', 'SecurityConfig', 'SecurityPolicy'],
  RDS: [
    'DBClusterParameterGroup', 'DBParameterGroup', 'DBSecurityGroup', 'DBSecurityGroupIngress', 'DBSubnetGroup', 'EventSubscription',
    'OptionGroup',
  ],
  ResourceGroups: ['Group'],
  S3: ['BucketPolicy'],
  SNS: ['TopicInlinePolicy', 'TopicPolicy'],
  SQS: ['QueueInlinePolicy', 'QueuePolicy'],
  SecretsManager: ['ResourcePolicy', 'RotationSchedule', 'SecretTargetAttachment'],
  StepFunctions: ['StateMachineAlias', 'StateMachineVersion'],
};

export const FREE_TYPES: ReadonlySet<string> = new Set(
  Object.entries(FREE).flatMap(([service, resources]) => resources.map(resource => `AWS::${service}::${resource}`)),
);

/** A custom resource is a call to a Lambda function that is charged as such. */
export const isCustomResource = (type: string): boolean =>
  type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
