/** The port to AWS, filled by the SDK: pages through, names what failed, and decides nothing. */
import {
  AutoScalingClient, DescribeScalingActivitiesCommand, SetDesiredCapacityCommand, SuspendProcessesCommand, TerminateInstanceInAutoScalingGroupCommand,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client, paginateDescribeSpotPriceHistory, type _InstanceType } from '@aws-sdk/client-ec2';
import {
  DescribeContainerInstancesCommand, DescribeServicesCommand, ECSClient, UpdateContainerInstancesStateCommand, paginateListContainerInstances,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ControllerConfig, GROUP_ATTRIBUTE } from '../../contracts/capacity-controller';
import { LaunchFailure, SpotPrice } from '../../scaling/seen';
import { AutoScalingGroupRead, Aws, ContainerInstanceRead, SignalsRead } from './aws';
import { isQuota } from './launch-failure';
import { CALL, CLIENT } from './sdk';
import { readSignals } from './signals';

/** Most that DescribeContainerInstances and UpdateContainerInstancesState take at once. */
const DESCRIBED_AT_ONCE = 100;
const DRAINED_AT_ONCE = 10;
/** More than one group can fail between two ticks. */
const LATEST_ACTIVITIES = 50;
const ZONE_REBALANCING = 'AZRebalance';

export class SdkAws implements Aws {
  private readonly autoScaling = new AutoScalingClient(CLIENT);
  private readonly cloudWatch = new CloudWatchClient(CLIENT);
  private readonly ec2 = new EC2Client(CLIENT);
  private readonly ecs = new ECSClient(CLIENT);
  private readonly loadBalancing = new ElasticLoadBalancingV2Client(CLIENT);

  public constructor(private readonly config: ControllerConfig) {}

  public async groups(names: readonly string[]): Promise<ReadonlyMap<string, AutoScalingGroupRead>> {
    const found = new Map<string, AutoScalingGroupRead>();
    for await (const page of paginateDescribeAutoScalingGroups({ client: this.autoScaling }, { AutoScalingGroupNames: [...names] }, CALL())) {
      for (const group of page.AutoScalingGroups ?? []) {
        found.set(group.AutoScalingGroupName!, {
          desired: group.DesiredCapacity!,
          zones: group.AvailabilityZones ?? [],
          rebalancesZones: !group.SuspendedProcesses?.some(({ ProcessName }) => ProcessName === ZONE_REBALANCING),
          instances: (group.Instances ?? []).map(({ InstanceId, LifecycleState }) => ({ id: InstanceId!, lifecycle: lifecycleOf(LifecycleState) })),
        });
      }
    }
    return found;
  }

  public async healthyInstances(): Promise<ReadonlySet<string>> {
    const answer = await this.loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn: this.config.targetGroupArn }), CALL());
    const healthy = (answer.TargetHealthDescriptions ?? []).filter(({ TargetHealth }) => TargetHealth?.State === 'healthy');
    return new Set(healthy.flatMap(({ Target }) => Target?.Id ?? []));
  }

  public async containerInstances(): Promise<ReadonlyMap<string, ContainerInstanceRead>> {
    const { cluster, instanceAttribute } = this.config;
    const call = CALL();
    const arns: string[] = [];
    const filter = `attribute:${GROUP_ATTRIBUTE} == ${instanceAttribute}`;
    for await (const page of paginateListContainerInstances({ client: this.ecs }, { cluster, filter }, call)) arns.push(...page.containerInstanceArns ?? []);
    const found = new Map<string, ContainerInstanceRead>();
    for (const containerInstances of chunks(arns, DESCRIBED_AT_ONCE)) {
      const answer = await this.ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }), call);
      for (const { ec2InstanceId, containerInstanceArn, status } of answer.containerInstances ?? []) {
        if (ec2InstanceId) found.set(ec2InstanceId, { arn: containerInstanceArn!, draining: status === 'DRAINING' });
      }
    }
    return found;
  }

  /** An older deployment is still there. A service that only starts has one. */
  public async deploying(): Promise<boolean> {
    const { cluster, service } = this.config;
    const answer = await this.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }), CALL());
    const found = answer.services?.[0];
    if (!found) throw new Error(`the service ${service} was not found: ${answer.failures?.[0]?.reason ?? 'no reason given'}`);
    return (found.deployments ?? []).length > 1;
  }

  public signals(now: Date): Promise<SignalsRead> {
    return readSignals(this.cloudWatch, this.config, now);
  }

  public async spotPrices(now: Date): Promise<readonly SpotPrice[]> {
    // Asked from now on, the history answers with the prices in force.
    const input = { InstanceTypes: this.config.instances.map(({ type }) => type as _InstanceType), ProductDescriptions: ['Linux/UNIX'], StartTime: now };
    const latest = new Map<string, SpotPrice & { readonly since: number }>();
    for await (const page of paginateDescribeSpotPriceHistory({ client: this.ec2 }, input, CALL())) {
      for (const { InstanceType: type, AvailabilityZone: zone, SpotPrice: price, Timestamp } of page.SpotPriceHistory ?? []) {
        const usdPerHour = Number(price);
        const since = Timestamp?.getTime() ?? 0;
        if (type && zone && usdPerHour > 0 && since >= (latest.get(`${type} ${zone}`)?.since ?? 0)) latest.set(`${type} ${zone}`, { type, zone, usdPerHour, since });
      }
    }
    return [...latest.values()].map(({ type, zone, usdPerHour }) => ({ type, zone, usdPerHour }));
  }

  public async failedLaunches(group: string): Promise<Pick<LaunchFailure, 'id' | 'quota' | 'at'>[]> {
    const input = { AutoScalingGroupName: group, MaxRecords: LATEST_ACTIVITIES };
    const { Activities = [] } = await this.autoScaling.send(new DescribeScalingActivitiesCommand(input), CALL());
    return Activities.filter(({ StatusCode, Description }) => StatusCode === 'Failed' && Description?.startsWith('Launching'))
      .map(({ ActivityId, StatusMessage, StartTime, EndTime }) => ({
        id: ActivityId!, quota: isQuota(StatusMessage ?? ''), at: (EndTime ?? StartTime)!.getTime(),
      }));
  }

  public async setDesired(group: string, desired: number): Promise<void> {
    await this.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: group, DesiredCapacity: desired, HonorCooldown: false }), CALL());
  }

  public async stopRebalancingZones(group: string): Promise<void> {
    await this.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [ZONE_REBALANCING] }), CALL());
  }

  public async drain(containerInstances: readonly string[]): Promise<void> {
    const call = CALL();
    const failed: string[] = [];
    for (const some of chunks(containerInstances, DRAINED_AT_ONCE)) {
      const input = { cluster: this.config.cluster, containerInstances: some, status: 'DRAINING' as const };
      const { failures = [] } = await this.ecs.send(new UpdateContainerInstancesStateCommand(input), call);
      failed.push(...failures.map(({ arn, reason }) => `${arn}: ${reason}`));
    }
    if (failed.length > 0) throw new Error(`not drained: ${failed.join('; ')}`);
  }

  public async replace(instance: string): Promise<void> {
    await this.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instance, ShouldDecrementDesiredCapacity: false }), CALL());
  }
}

function lifecycleOf(state: string | undefined): 'launching' | 'inService' | 'leaving' {
  if (state === 'InService') return 'inService';
  return state?.startsWith('Pending') ? 'launching' : 'leaving';
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
