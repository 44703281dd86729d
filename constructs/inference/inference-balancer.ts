/** The internal load balancer in front of the replicas: a call goes to the replica with the fewest in flight. */
import { Duration } from 'aws-cdk-lib';
import { ISecurityGroup, IVpc, Port, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ApplicationTargetGroup, TargetGroupLoadBalancingAlgorithmType, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { DRAIN, VLLM_PORT } from '../../lib/inference/vllm-arguments';

export interface InferenceBalancerProps {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly replicas: ISecurityGroup;
}

export class InferenceBalancer extends Construct {
  public readonly loadBalancer: ApplicationLoadBalancer;
  public readonly listener: ApplicationListener;
  public readonly targetGroup: ApplicationTargetGroup;

  public constructor(scope: Construct, id: string, { vpc, vpcSubnets, replicas }: InferenceBalancerProps) {
    super(scope, id);
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', { vpc, allowAllOutbound: false, description: 'Who may call the model' });
    securityGroup.connections.allowTo(replicas, Port.tcp(VLLM_PORT), 'calls to the replicas');
    this.loadBalancer = new ApplicationLoadBalancer(this, 'Resource', {
      vpc, vpcSubnets, securityGroup, internetFacing: false, dropInvalidHeaderFields: true, idleTimeout: Duration.seconds(DRAIN.idleTimeoutSeconds),
    });
    this.targetGroup = new ApplicationTargetGroup(this, 'Replicas', {
      vpc,
      targetType: TargetType.INSTANCE,
      protocol: ApplicationProtocol.HTTP,
      port: VLLM_PORT,
      deregistrationDelay: Duration.seconds(DRAIN.deregistrationSeconds),
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: { path: '/health', healthyHttpCodes: '200', interval: Duration.seconds(10), timeout: Duration.seconds(5), healthyThresholdCount: 2, unhealthyThresholdCount: 3 },
    });
    this.listener = this.loadBalancer.addListener('Http', { port: 80, protocol: ApplicationProtocol.HTTP, open: false, defaultTargetGroups: [this.targetGroup] });
  }
}
