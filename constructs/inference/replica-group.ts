/**
 * The instances of one market: a launch template, an Auto Scaling group over several types and zones, and a capacity
 * provider that only drains. Its size belongs to the capacity controller: no desired capacity, no managed scaling.
 */
import { Size } from 'aws-cdk-lib';
import { AutoScalingGroup, CfnAutoScalingGroup, OnDemandAllocationStrategy, SpotAllocationStrategy, TerminationPolicy } from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume, EbsDeviceVolumeType, ISecurityGroup, IVpc, InstanceType, LaunchTemplate, SubnetSelection, UserData,
} from 'aws-cdk-lib/aws-ec2';
import { AmiHardwareType, AsgCapacityProvider, CfnCapacityProvider, Cluster, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { GROUP_ATTRIBUTE } from '../../lib/contracts/capacity-controller';

export interface ReplicaGroupProps {
  readonly market: 'spot' | 'on-demand';
  readonly cluster: Cluster;
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly instanceTypes: readonly InstanceType[];
  readonly maxReplicas: number;
  readonly rootVolume: Size;
  /** Value of the attribute that places the service's tasks on these instances. */
  readonly attribute: string;
  readonly securityGroup: ISecurityGroup;
  readonly role: IRole;
}

/** Reading image and weights from the volume is most of a cold start; gp3 gives 125 MB/s for nothing. */
const VOLUME_MBPS = 500;

export class ReplicaGroup extends Construct {
  public readonly autoScalingGroup: AutoScalingGroup;

  public constructor(scope: Construct, id: string, props: ReplicaGroupProps) {
    super(scope, id);
    const spot = props.market === 'spot';
    const userData = UserData.forLinux();
    // The CDK writes the draining of spot only for groups with a spot price, and is silent with mixed instances.
    userData.addCommands(
      'cat >> /etc/ecs/ecs.config <<\'CONFIG\'',
      'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true',
      'ECS_ENABLE_GPU_SUPPORT=true',
      `ECS_INSTANCE_ATTRIBUTES={"${GROUP_ATTRIBUTE}":"${props.attribute}"}`,
      'CONFIG',
    );
    const launchTemplate = new LaunchTemplate(this, 'Template', {
      machineImage: EcsOptimizedImage.amazonLinux2023(AmiHardwareType.GPU),
      securityGroup: props.securityGroup,
      role: props.role,
      userData,
      requireImdsv2: true,
      httpPutResponseHopLimit: 1, // Containers behind the bridge are one hop too far to borrow the instance's role.
      blockDevices: [{
        deviceName: '/dev/xvda',
        volume: BlockDeviceVolume.ebs(props.rootVolume.toGibibytes(), {
          encrypted: true, volumeType: EbsDeviceVolumeType.GP3, throughput: VOLUME_MBPS, deleteOnTermination: true,
        }),
      }],
    });
    this.autoScalingGroup = new AutoScalingGroup(this, 'Instances', {
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets,
      minCapacity: 0,
      maxCapacity: props.maxReplicas,
      // The newest is the one that may still be loading; the default looks at no health and may end the one that serves.
      terminationPolicies: [TerminationPolicy.NEWEST_INSTANCE],
      // Rebalancing would retire a replica before its replacement has loaded; the controller does it in order.
      capacityRebalance: false,
      mixedInstancesPolicy: {
        launchTemplate,
        launchTemplateOverrides: props.instanceTypes.map(instanceType => ({ instanceType })),
        instancesDistribution: {
          onDemandBaseCapacity: 0,
          onDemandPercentageAboveBaseCapacity: spot ? 0 : 100,
          ...spot
            ? { spotAllocationStrategy: SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED }
            : { onDemandAllocationStrategy: OnDemandAllocationStrategy.PRIORITIZED },
        },
      },
    });
    const draining = new AsgCapacityProvider(this, 'Draining', {
      autoScalingGroup: this.autoScalingGroup,
      enableManagedScaling: false,
      enableManagedTerminationProtection: false,
      enableManagedDraining: true,
    });
    // The CDK leaves out what is off; what ECS then does is not written down anywhere.
    (draining.node.findChild('Draining') as CfnCapacityProvider).addPropertyOverride('AutoScalingGroupProvider.ManagedScaling', { Status: 'DISABLED' });
    props.cluster.addAsgCapacityProvider(draining);
  }

  /** Construct path of the CloudFormation resource. */
  public get resourcePath(): string {
    return this.resource.node.path;
  }

  public get arn(): string {
    return this.resource.attrAutoScalingGroupArn;
  }

  private get resource(): CfnAutoScalingGroup {
    return this.autoScalingGroup.node.defaultChild as CfnAutoScalingGroup;
  }
}
