/** The Lambda function that sizes the Auto Scaling groups of a GPU group: its state, its events and the least it may do. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { EventPattern, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic, Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { CONTROLLER_CONFIG } from '../../lib/contracts/capacity-controller';
import { bundled } from '../assets';
import { ReplicaGroup } from './replica-group';

export interface CapacityControllerProps {
  /** The configuration as JSON, once everything it names exists. */
  readonly config: (stateTable: string) => string;
  readonly clusterArn: string;
  readonly serviceArn: string;
  readonly replicaGroups: readonly ReplicaGroup[];
  readonly capTopic?: ITopic;
}

/** Longer than any tick, shorter than the pause between two. */
const TIMEOUT = Duration.seconds(50);

export class CapacityController extends Construct {
  public readonly function: LambdaFn;
  public readonly stateTable: Table;
  public readonly logGroup: LogGroup;
  public readonly everyMinute: Rule;

  public constructor(scope: Construct, id: string, props: CapacityControllerProps) {
    super(scope, id);
    this.stateTable = new Table(this, 'State', {
      partitionKey: { name: 'group', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      removalPolicy: RemovalPolicy.DESTROY, // It goes with what it is about.
    });
    this.logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: `Sizes ${scope.node.path}` });
    this.function = new LambdaFn(this, 'Resource', {
      description: `Sizes the GPU instances of ${scope.node.path}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundled('capacity-controller')),
      handler: 'index.handler',
      memorySize: 256,
      timeout: TIMEOUT,
      role,
      logGroup: this.logGroup,
      environment: { [CONTROLLER_CONFIG]: props.config(this.stateTable.tableName) },
      // A spend cap comes once and no tick heals its loss; that of a notice the next tick does, and a late one does no harm.
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
    });
    this.logGroup.grantWrite(role);
    for (const statement of this.permissions(props)) role.addToPolicy(statement);
    this.everyMinute = this.addEvents(props);
    if (props.capTopic) this.listenTo(props.capTopic);
  }

  /** By hand: the CDK would name it after the topic, which may be called as the function's own resource is. */
  private listenTo(topic: ITopic): void {
    new Subscription(this, 'SpendCap', { topic, endpoint: this.function.functionArn, protocol: SubscriptionProtocol.LAMBDA });
    this.function.addPermission('SpendCap', { principal: new ServicePrincipal('sns.amazonaws.com'), sourceArn: topic.topicArn });
  }

  private addEvents({ replicaGroups, serviceArn }: CapacityControllerProps): Rule {
    const on = (id: string, when: { schedule?: Schedule; eventPattern?: EventPattern }): Rule =>
      new Rule(this, id, { ...when, targets: [new LambdaFunction(this.function, { retryAttempts: 1, maxEventAge: Duration.minutes(2) })] });
    on('LaunchFailed', { eventPattern: {
      source: ['aws.autoscaling'], detailType: ['EC2 Instance Launch Unsuccessful'], detail: { AutoScalingGroupName: replicaGroups.map(group => group.autoScalingGroup.autoScalingGroupName) },
    } });
    on('SpotNotice', { eventPattern: {
      source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning', 'EC2 Instance Rebalance Recommendation'],
    } });
    on('ServiceAction', { eventPattern: {
      source: ['aws.ecs'], detailType: ['ECS Service Action'], resources: [serviceArn],
      detail: { eventName: ['SERVICE_TASK_PLACEMENT_FAILURE', 'SERVICE_STEADY_STATE'] },
    } });
    return on('EveryMinute', { schedule: Schedule.rate(Duration.minutes(1)) });
  }

  /** What takes a resource is held to it; the rest only reads. */
  private permissions({ replicaGroups, clusterArn, serviceArn }: CapacityControllerProps): PolicyStatement[] {
    const inCluster = { ArnEquals: { 'ecs:cluster': clusterArn } };
    return [
      new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [this.stateTable.tableArn] }),
      new PolicyStatement({
        actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:SuspendProcesses', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
        resources: replicaGroups.map(group => group.arn),
      }),
      new PolicyStatement({ actions: ['ecs:ListContainerInstances'], resources: [clusterArn] }),
      new PolicyStatement({ actions: ['ecs:DescribeContainerInstances', 'ecs:UpdateContainerInstancesState'], resources: ['*'], conditions: inCluster }),
      new PolicyStatement({ actions: ['ecs:DescribeServices'], resources: [serviceArn] }),
      new PolicyStatement({
        actions: [
          'autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities', 'cloudwatch:GetMetricData', 'ec2:DescribeSpotPriceHistory',
          'elasticloadbalancing:DescribeTargetHealth',
        ],
        resources: ['*'],
      }),
    ];
  }
}
