/** What serves: the instances of each market, one vLLM task on every one of them, and the load balancer in front. */
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { InstanceType, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, Ec2Service, PlacementConstraint } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { isStreamed } from '../../lib/capacity/models';
import { GROUP_ATTRIBUTE } from '../../lib/contracts/capacity-controller';
import { GpuGroup } from '../../lib/contracts/gpu-group';
import { VLLM_PORT, vllmArguments } from '../../lib/inference/vllm-arguments';
import { InferenceBalancer } from './inference-balancer';
import { InferenceNetwork } from './inference-network';
import { ReplicaGroup } from './replica-group';
import { ServedModel } from './served-model';
import { VllmTask } from './vllm-task';

export interface GpuFleetProps {
  readonly group: GpuGroup;
  readonly instanceTypes: readonly InstanceType[];
  readonly model: ServedModel;
  readonly image?: ContainerImage;
  readonly network: InferenceNetwork;
  readonly apiKey: ISecret;
  readonly metricsConfig: string;
}

/** vLLM 0.20, with the streamer that reads weights from S3. Docker Hub would limit how often one NAT address may pull. */
const IMAGE = 'public.ecr.aws/deep-learning-containers/vllm:server-cuda-v1.3';

/** The operating system's part, and the image of vLLM packed and unpacked. */
const SYSTEM_GIB = 30;
const IMAGE_GIB = 40;

export class GpuFleet extends Construct {
  public readonly spot?: ReplicaGroup;
  public readonly onDemand?: ReplicaGroup;
  public readonly balancer: InferenceBalancer;
  public readonly service: Ec2Service;
  public readonly logGroup: LogGroup;
  /** Value of the attribute of its container instances. */
  public readonly attribute: string;

  public constructor(scope: Construct, id: string, props: GpuFleetProps) {
    super(scope, id);
    const { group, network, model } = props;
    this.attribute = scope.node.addr.slice(0, 16);
    const securityGroup = new SecurityGroup(this, 'Replicas', { vpc: network.vpc, description: `Replicas of ${group.model.name}` });
    const role = new Role(this, 'InstanceRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const replicas = (market: 'spot' | 'on-demand'): ReplicaGroup => new ReplicaGroup(this, market === 'spot' ? 'Spot' : 'OnDemand', {
      ...network, market, instanceTypes: props.instanceTypes, maxReplicas: group.scaling.maxReplicas, rootVolume: rootVolume(group),
      attribute: this.attribute, securityGroup, role,
    });
    if (group.purchase.kind !== 'onDemand') this.spot = replicas('spot');
    if (group.purchase.kind !== 'spotOnly') this.onDemand = replicas('on-demand');

    this.balancer = new InferenceBalancer(this, 'LoadBalancer', { ...network, replicas: securityGroup });
    this.logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const { source } = model;
    const task = new VllmTask(this, 'Task', {
      image: props.image ?? ContainerImage.fromRegistry(IMAGE),
      arguments: vllmArguments(group, source._argument),
      gpus: group.instances[0]!.gpus,
      weights: source,
      apiKey: props.apiKey,
      logGroup: this.logGroup,
      metricsConfig: props.metricsConfig,
    });
    this.service = new Ec2Service(this, 'Service', {
      cluster: network.cluster,
      taskDefinition: task.definition,
      daemon: true,
      // The only replica cannot be kept while it is replaced; of two the controller keeps one during an update.
      minHealthyPercent: group.scaling.maxReplicas > 1 ? 50 : 0,
      placementConstraints: [PlacementConstraint.memberOf(`attribute:${GROUP_ATTRIBUTE} == ${this.attribute}`)],
      // A start slower than expected must not be killed and begin again.
      healthCheckGracePeriod: Duration.seconds(2 * group.coldStartSeconds),
      circuitBreaker: { rollback: true },
    });
    this.balancer.targetGroup.addTarget(this.service.loadBalancerTarget({ containerName: task.vllm.containerName, containerPort: VLLM_PORT }));
    // A service may not name a target group that no load balancer knows yet.
    this.service.node.addDependency(this.balancer.listener);
  }

  public get groups(): ReplicaGroup[] {
    return [this.spot, this.onDemand].filter(group => group !== undefined);
  }
}

/** Weights from S3 are streamed past the disk. */
function rootVolume({ model }: GpuGroup): Size {
  const weights = isStreamed(model) ? 0 : Math.ceil(model.weightGigabytes * 1.1);
  return Size.gibibytes(SYSTEM_GIB + IMAGE_GIB + weights);
}
