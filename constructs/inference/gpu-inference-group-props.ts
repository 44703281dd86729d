import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { IConnectable, IVpc, InstanceType, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IConstruct } from 'constructs';
import { GpuInstanceShape } from './gpu-instance-shape';
import { GpuMonitoring } from './gpu-monitoring';
import { Purchase } from './purchase';
import { ServedModel } from './served-model';

/** How many replicas a group runs. */
export interface GpuScaling {
  /**
   * Replicas at least; 0 lets the group go to zero, and the first call after that waits for a cold start.
   *
   * @default 1
   */
  readonly minReplicas?: number;
  /** Replicas at most. On-demand replicas that stand in for spot may run beside returning spot for as long as `hold`. */
  readonly maxReplicas: number;
  /** Calls in flight that one replica shall hold; vLLM batches them. Memory may allow fewer, which the report then says. */
  readonly targetConcurrencyPerReplica: number;
  /**
   * How long a lower demand must last before replicas go, and how long a group of minimum 0 must be idle before its last
   * one goes.
   *
   * @default Duration.minutes(15)
   */
  readonly idleHold?: Duration;
}

/** What the account may run, in vCPUs; the quotas are L-DB2E81BA (G and VT on demand), L-3819A6DF (spot), L-417A185B and L-7212CCBC (P). */
export interface GpuQuota {
  /**
   * vCPUs on demand.
   *
   * @default - not declared; CAP002 says so
   */
  readonly onDemandVcpus?: number;
  /**
   * vCPUs on spot.
   *
   * @default - not declared; CAP002 says so
   */
  readonly spotVcpus?: number;
}

/** A cap on the replicas once money runs out. */
export interface SpendCap {
  /**
   * A topic for this alone, such as that of an `AiBudget` with one threshold: each message on it sets the cap until the
   * end of the month (UTC). Billing data lags 8 to 24 hours.
   */
  readonly topic: ITopic;
  /** Replicas at most from then on; 0 stops the group. */
  readonly maxReplicas: number;
}

/** Props of GpuInferenceGroup. */
export interface GpuInferenceGroupProps {
  /** The model. */
  readonly model: ServedModel;
  /** GPU instance types of one GPU count; the first is the expected one. Several types find spot where one does not. */
  readonly instanceTypes: InstanceType[];
  /** How many replicas. */
  readonly scaling: GpuScaling;
  /**
   * How instances are bought.
   *
   * @default Purchase.spotWithFallback()
   */
  readonly purchase?: Purchase;
  /**
   * The network. Give this, or a cluster, which brings its own.
   *
   * @default - a new VPC of three zones (two where the stack names no account) with one NAT gateway: about 36 USD a month
   * and .045 a GB
   */
  readonly vpc?: IVpc;
  /**
   * The ECS cluster, of the same stack, because the draining of the instances is set up in both; without a default capacity
   * provider strategy, which ECS refuses beside daemon services.
   *
   * @default - a new one
   */
  readonly cluster?: Cluster;
  /**
   * Subnets of replicas and load balancer, in at least two zones. Replicas reach their images through a NAT gateway.
   *
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * Shapes of instance types the library does not know.
   *
   * @default - only types of the catalogue
   */
  readonly instanceShapes?: GpuInstanceShape[];
  /**
   * Longest call in tokens, prompt and answer; vLLM must be able to hold at least one.
   *
   * @default - 8,192, or what the model takes where that is less
   */
  readonly maxModelLength?: number;
  /**
   * Results of `vllm bench serve --max-concurrency N` on the first instance type, one an entry, of at least three rounds: the
   * printed block, or the JSON of `--save-result`. They replace the analytic throughput, which is no better than 50 %.
   *
   * @default - the analytic throughput
   */
  readonly benchmarks?: string[];
  /**
   * Image of vLLM 0.18 or later, which can drain.
   *
   * @default - the AWS deep-learning container of vLLM 0.20, from ECR Public
   */
  readonly image?: ContainerImage;
  /**
   * From launch to the first good health check. The alarms and the forecast use it.
   *
   * @default - 180 s and 8 s for each GB of weights (measured: 294 s for 16 GB on an L40S)
   */
  readonly coldStart?: Duration;
  /**
   * Alarms.
   *
   * @default GpuMonitoring.alarms()
   */
  readonly monitoring?: GpuMonitoring;
  /**
   * What the account may run.
   *
   * @default - not declared; CAP002 says so
   */
  readonly quota?: GpuQuota;
  /**
   * A cap on the replicas once money runs out.
   *
   * @default - none
   */
  readonly spendCap?: SpendCap;
  /**
   * Calls in flight as the callers see them, such as a gateway's metric of this region, read by the minute: wakes the group from zero before a call fails.
   *
   * @default - a group at zero wakes when the load balancer has answered a call with 503
   */
  readonly callerInFlight?: Metric;
}

/** A GPU group as others see it. */
export interface IGpuInferenceGroup extends IConstruct, IConnectable {
  /** Base URL of its OpenAI-compatible API, inside the VPC. */
  readonly url: string;
  /** The key its API asks for. */
  readonly apiKey: ISecret;
  /** Name clients give as `model`. */
  readonly modelName: string;
  /** Lets somebody read the API key; the network is opened with `connections`. */
  grantInvoke(grantee: IGrantable): Grant;
}
