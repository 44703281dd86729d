import { Annotations, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { IMetric, MathExpressionOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { parseVllmBench } from '../../lib/capacity/vllm-bench';
import { ControllerConfig, controllerConfigSchema } from '../../lib/contracts/capacity-controller';
import { Declaration } from '../../lib/contracts/declaration';
import { GpuGroup, ScheduledFloor, gpuGroupSchema, scheduledFloorSchema } from '../../lib/contracts/gpu-group';
import { GpuMetricsConfig, gpuMetricsConfigSchema } from '../../lib/contracts/gpu-metrics';
import { InputError, parseWith } from '../../lib/errors';
import { groupProblems } from '../../lib/inference/group-problems';
import { ownUsage } from '../../lib/inference/own-usage';
import { callsPerReplica, loadInNumbers, ratedTokensPerSecond } from '../../lib/inference/typical-load';
import { VLLM_METRICS_URL } from '../../lib/inference/vllm-arguments';
import { render } from '../economics/render';
import { StackDeclaration, keepPaths } from '../economics/stack-declaration';
import { CapacityController } from './capacity-controller';
import { GpuFleet } from './gpu-fleet';
import { GpuGroupMetrics } from './gpu-group-metrics';
import { GpuInferenceGroupProps, IGpuInferenceGroup } from './gpu-inference-group-props';
import { instanceShapes } from './gpu-instance-shape';
import { GpuMonitoring } from './gpu-monitoring';
import { knownUsdPerHour, usdPerHour } from './instance-prices';
import { networkOf, vpcFunctionOf } from './inference-network';
import { Purchase } from './purchase';
import { ScheduledFloorProps } from './scheduled-floor';

const TYPICAL_MODEL_LENGTH = 8_192;

/** Calls in flight, replicas that report, and calls refused. */
const OWN_METRICS_READ = 3;

/** Lambda's environment is 4 KB in all; names that only a deployment knows are longer than what stands for them. */
const MOST_CONFIG_BYTES = 3_400;

/**
 * GPU replicas that serve an open model with vLLM on ECS: spot with on-demand standing in for what spot does not have
 * ready, sized each minute by the calls in flight, alarmed when GPUs idle. Beside its instances it costs about 28 USD a
 * month: 18 for the load balancer, 6 for metrics, 1 for alarms, the rest for the secret, the controller and logs.
 */
export class GpuInferenceGroup extends Construct implements IGpuInferenceGroup {
  /** The network. */
  public readonly vpc: IVpc;
  /** The ECS cluster. */
  public readonly cluster: Cluster;
  public readonly url: string;
  public readonly apiKey: ISecret;
  public readonly modelName: string;
  /** Who may call: `client.connections.allowToDefaultPort(group)`, also from another stack. */
  public readonly connections: Connections;

  private readonly base: GpuGroup;
  private readonly floors: ScheduledFloor[] = [];
  private readonly metrics: GpuGroupMetrics;
  private readonly fleet: GpuFleet;
  private readonly controller: CapacityController;
  private readonly readsCallers: boolean;

  public constructor(scope: Construct, id: string, props: GpuInferenceGroupProps) {
    super(scope, id);
    const declared = this.declare(props);
    this.modelName = declared.model.name;
    this.readsCallers = props.callerInFlight !== undefined;
    const network = networkOf(this, props);
    this.vpc = network.vpc;
    this.cluster = network.cluster;
    this.apiKey = new Secret(this, 'ApiKey', {
      description: `Key of the API of ${this.node.path}`, generateSecretString: { passwordLength: 40, excludePunctuation: true },
    });
    this.fleet = new GpuFleet(this, 'Fleet', {
      group: declared,
      instanceTypes: props.instanceTypes,
      model: props.model,
      image: props.image,
      network,
      apiKey: this.apiKey,
      metricsConfig: Lazy.string({ produce: () => JSON.stringify(this.metricsConfig()) }),
    });
    const { loadBalancer } = this.fleet.balancer;
    this.url = `http://${loadBalancer.loadBalancerDnsName}/v1`;
    this.connections = new Connections({ securityGroups: loadBalancer.connections.securityGroups, defaultPort: Port.tcp(80) });
    this.base = {
      ...declared, spotGroup: this.fleet.spot?.resourcePath, onDemandGroup: this.fleet.onDemand?.resourcePath,
    };
    this.controller = new CapacityController(this, 'Controller', {
      config: stateTable => Lazy.string({ produce: () => Stack.of(this).toJsonString(this.controllerConfig(stateTable, props)) }),
      clusterArn: this.cluster.clusterArn,
      serviceArn: this.fleet.service.serviceArn,
      replicaGroups: this.fleet.groups,
      capTopic: props.spendCap?.topic,
    });
    const { purchase } = declared;
    this.metrics = new GpuGroupMetrics(this.node.path, declared.model.task === 'embed', purchase.kind === 'spotWithFallback' ? purchase.onDemandBase : 0);
    (props.monitoring ?? GpuMonitoring.alarms())._bind(this, {
      metrics: this.metrics,
      name: this.node.path,
      coldStart: Duration.seconds(declared.coldStartSeconds),
      spot: this.fleet.spot !== undefined,
      onDemand: this.fleet.onDemand !== undefined,
      controllerErrors: this.controller.function.metricErrors({ period: Duration.minutes(1) }),
      everyMinute: this.controller.everyMinute,
    });
    for (const part of [this, vpcFunctionOf(this)]) if (part) keepPaths(part);
    this.tellUnguardedSpot();
    StackDeclaration.of(this).add(() => this.rendered());
  }

  /** Keeps replicas ready in certain hours, such as from 8:40 before the 9 a.m. peak. */
  public addScheduledFloor(id: string, props: ScheduledFloorProps): void {
    const floor = parseWith(scheduledFloorSchema, {
      id, minReplicas: props.minReplicas, cron: props.schedule.expressionString, timeZone: props.timeZone?.timezoneName ?? 'Etc/UTC', durationSeconds: props.duration.toSeconds({ integral: false }),
    }, `${this.node.path}: scheduled floor ${id}`);
    if (this.floors.some(other => other.id === id)) throw new InputError(`${this.node.path}: there is a scheduled floor ${id} already.`);
    this.refuse({ ...this.base, floors: [floor] });
    this.floors.push(floor);
  }

  /** Calls in flight, running and waiting, over all replicas. */
  public metricInFlight(options?: MathExpressionOptions): IMetric {
    return this.metrics.inFlight(options);
  }

  /** Utilisation in percent: tokens made over the tokens the replicas in service are rated for at their target concurrency. */
  public metricUtilization(options?: MathExpressionOptions): IMetric {
    return this.metrics.utilization(options);
  }

  /** Replica hours without a call in flight. */
  public metricIdleReplicaHours(options?: MathExpressionOptions): IMetric {
    return this.metrics.idleReplicaHours(options);
  }

  /** USD an hour of its instances at the prices of the price book; refused where one is unknown. */
  public metricCostPerHour(options?: MathExpressionOptions): IMetric {
    const usd = this.usdPerHour();
    return this.metrics.costPerHour(usd.spot, usd.onDemand, options);
  }

  /**
   * USD an hour that idle replicas cost while nothing but the minimum or a scheduled floor keeps them. It compares averages,
   * so give it a period of minutes.
   */
  public metricIdleFloorCostPerHour(options?: MathExpressionOptions): IMetric {
    const usd = this.usdPerHour();
    return this.metrics.idleFloorCostPerHour(usd.spot, usd.onDemand, options);
  }

  /** Lets somebody read the API key; the network is opened with `connections`. */
  public grantInvoke(grantee: IGrantable): Grant {
    return this.apiKey.grantRead(grantee);
  }

  /** @internal */
  public get _isPriced(): boolean {
    return !('unknown' in usdPerHour(this, this.base));
  }

  private usdPerHour(): { spot: number; onDemand: number } {
    const usd = usdPerHour(this, this.base);
    if ('unknown' in usd) throw new InputError(`${this.node.path}: its cost an hour cannot be told. ${usd.unknown}`);
    return usd;
  }

  private declare(props: GpuInferenceGroupProps): GpuGroup {
    const { path } = this.node;
    const model = props.model._render();
    const { minReplicas = 1, maxReplicas, targetConcurrencyPerReplica, idleHold = Duration.minutes(15) } = props.scaling;
    const monitoring = props.monitoring ?? GpuMonitoring.alarms();
    const group = render(this, gpuGroupSchema, {
      path,
      model,
      instances: instanceShapes(path, props.instanceTypes, props.instanceShapes ?? []),
      maxModelLength: props.maxModelLength ?? Math.min(TYPICAL_MODEL_LENGTH, model.maxContextTokens),
      scaling: { minReplicas, maxReplicas, targetConcurrencyPerReplica, idleHoldSeconds: idleHold.toSeconds({ integral: false }) },
      purchase: (props.purchase ?? Purchase.spotWithFallback())._render(path),
      measured: (props.benchmarks ?? []).map((text, i) => parseVllmBench(text, `${path}: benchmark ${i + 1}`)),
      quota: { ...props.quota },
      coldStartSeconds: props.coldStart?.toSeconds({ integral: false }) ?? Math.ceil(180 + 8 * model.weightGigabytes),
      unmonitored: monitoring._unmonitored,
    });
    this.refuse(group);
    const { spendCap } = props;
    if (spendCap && !(Number.isInteger(spendCap.maxReplicas) && spendCap.maxReplicas >= 0 && spendCap.maxReplicas <= maxReplicas)) {
      throw new InputError(`${path}: spendCap.maxReplicas is ${spendCap.maxReplicas}; give a whole number from 0 to scaling.maxReplicas, ${maxReplicas}.`);
    }
    const { region } = Stack.of(this);
    const asked = props.callerInFlight?.toMetricConfig().metricStat?.region;
    if (asked !== undefined && asked !== region) {
      throw new InputError(`${path}: callerInFlight is a metric of ${asked}; the controller reads those of its own region, ${region}.`);
    }
    return group;
  }

  /** Without the on-demand price nobody can say what is dear. */
  private tellUnguardedSpot(): void {
    if (this.base.purchase.kind !== 'spotWithFallback') return;
    const unknown = this.base.instances.filter(({ type }) => knownUsdPerHour(this, `ec2/${type}`) === undefined).map(({ type }) => type);
    if (unknown.length > 0) {
      Annotations.of(this).addInfoV2('cdk-ai-margin:unguardedSpot', `the on-demand price of ${unknown.join(', ')} is unknown here, so maxSpotPricePercent does not judge spot of these types; a price override tells it`);
    }
  }

  private refuse(group: GpuGroup): void {
    const [problem] = groupProblems(group);
    if (problem) throw new InputError(`${this.node.path}: ${problem}`);
  }

  private get group(): GpuGroup {
    return { ...this.base, floors: this.floors };
  }

  private rendered(): Pick<Declaration, 'usage' | 'groups'> {
    const parts = {
      controller: this.controller.function.node.path,
      stateTable: this.controller.stateTable.node.path,
      controllerLog: this.controller.logGroup.node.path,
      replicaLog: this.fleet.logGroup.node.path,
      loadBalancer: this.fleet.balancer.loadBalancer.node.path,
      apiKey: this.apiKey.node.path,
      vpc: this.node.tryFindChild('Vpc')?.node.path,
      vpcFunction: vpcFunctionOf(this)?.node.path,
      metricsRead: OWN_METRICS_READ + (this.readsCallers ? 1 : 0),
    };
    return { groups: [this.group], usage: ownUsage(parts, loadInNumbers(this.group, this.workflows())) };
  }

  private workflows(): Declaration['workflows'] {
    return StackDeclaration.of(this).economics().workflows;
  }

  private metricsConfig(): GpuMetricsConfig {
    return parseWith(gpuMetricsConfigSchema, {
      group: this.node.path, url: VLLM_METRICS_URL, scrapeSeconds: 5, recordSeconds: 15,
      // Another figure is another task, which replaces every replica: two digits are enough for a rating.
      ratedTokensPerSecond: Number(ratedTokensPerSecond(this.group, this.workflows()).toPrecision(2)),
    }, `${this.node.path}: the configuration of its metering`);
  }

  private controllerConfig(stateTable: string, { spendCap, callerInFlight }: GpuInferenceGroupProps): ControllerConfig {
    const { fleet, group } = this;
    const metric = callerInFlight?.toMetricConfig().metricStat;
    const config = parseWith(controllerConfigSchema, {
      group: group.path,
      stateTable,
      cluster: this.cluster.clusterName,
      service: fleet.service.serviceName,
      instanceAttribute: fleet.attribute,
      targetGroupArn: fleet.balancer.targetGroup.targetGroupArn,
      loadBalancer: fleet.balancer.loadBalancer.loadBalancerFullName,
      spotGroup: fleet.spot?.autoScalingGroup.autoScalingGroupName,
      onDemandGroup: fleet.onDemand?.autoScalingGroup.autoScalingGroupName,
      // Memory may hold fewer calls than the target; a size for more would leave them waiting.
      scaling: { ...group.scaling, targetConcurrencyPerReplica: callsPerReplica(group, this.workflows()) },
      floors: group.floors,
      purchase: group.purchase,
      instances: group.instances.map(({ type }) => ({ type, onDemandUsdPerHour: knownUsdPerHour(this, `ec2/${type}`) ?? null })),
      coldStartSeconds: group.coldStartSeconds,
      spendCapReplicas: spendCap?.maxReplicas,
      callerInFlight: metric && {
        namespace: metric.namespace, metricName: metric.metricName, statistic: metric.statistic,
        dimensions: Object.fromEntries((metric.dimensions ?? []).map(({ name, value }) => [name, String(value)])),
      },
    }, `${group.path}: the configuration of its controller`);
    const bytes = JSON.stringify(config).length;
    if (bytes > MOST_CONFIG_BYTES) {
      throw new InputError(`${group.path}: its ${config.floors.length} scheduled floors and ${config.instances.length} instance types make a configuration of ${bytes} bytes, `
        + `and a Lambda function takes ${MOST_CONFIG_BYTES}; merge floors, or give fewer instance types.`);
    }
    return config;
  }
}
