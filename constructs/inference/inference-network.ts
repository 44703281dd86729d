/** The network and the cluster of a GPU group: those given, or new ones. */
import { Stack } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, ISubnet, IVpc, SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { InputError } from '../../lib/errors';
import { GpuInferenceGroupProps } from './gpu-inference-group-props';

export interface InferenceNetwork {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly cluster: Cluster;
}

export function networkOf(scope: Construct, { vpc, vpcSubnets = { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, cluster }: GpuInferenceGroupProps): InferenceNetwork {
  if (vpc && cluster) throw new InputError(`${scope.node.path}: vpc and cluster are both given, and a cluster is in a VPC; give one of them.`);
  const network = vpc ?? cluster?.vpc ?? newVpc(scope);
  const zones = new Set(subnetsOf(scope, network, vpcSubnets).map(subnet => subnet.availabilityZone));
  if (zones.size < 2) {
    throw new InputError(`${scope.node.path}: its subnets are in ${zones.size} Availability Zone; spot is taken away by zone, so give subnets in at least two.`);
  }
  if (cluster && Stack.of(cluster) !== Stack.of(scope)) {
    throw new InputError(`${scope.node.path}: the cluster ${cluster.node.path} is in another stack, and its draining of these instances would make the two stacks depend on each `
      + 'other; give a cluster of this stack, or the vpc alone for a cluster of its own.');
  }
  if (cluster) {
    // Also what is added to the cluster after this group.
    cluster.node.addValidation({ validate: () => (cluster.defaultCapacityProviderStrategy ?? []).length === 0 ? [] : [
      `${scope.node.path}: ECS refuses daemon services, which its replicas are, in a cluster with a default capacity provider strategy; give another cluster, or none.`,
    ] });
  }
  return { vpc: network, vpcSubnets, cluster: cluster ?? new Cluster(scope, 'Cluster', { vpc: network }) };
}

function subnetsOf(scope: Construct, vpc: IVpc, vpcSubnets: SubnetSelection): ISubnet[] {
  try {
    return vpc.selectSubnets(vpcSubnets).subnets;
  } catch (error) {
    throw new InputError(`${scope.node.path}: vpcSubnets selects no subnets of ${vpc.node.path} (${(error as Error).message}); replicas need subnets with a way to their images.`);
  }
}

/** The CDK's function that empties the default security group of a VPC made here, where a feature flag asks for it. */
export function vpcFunctionOf(scope: Construct): Construct | undefined {
  if (!scope.node.tryFindChild('Vpc')) return undefined;
  return Stack.of(scope).node.tryFindChild('Custom::VpcRestrictDefaultSGCustomResourceProvider') as Construct | undefined;
}

function newVpc(scope: Construct): Vpc {
  return new Vpc(scope, 'Vpc', {
    maxAzs: 3,
    natGateways: 1,
    // Weights in S3 would otherwise pay the NAT gateway by the gigabyte.
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
}
