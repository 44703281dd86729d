/** The task of one replica: vLLM, and beside it the service that meters it, whose code comes from S3 without Docker. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Duration, Stack } from 'aws-cdk-lib';
import {
  ContainerDefinition, ContainerDependencyCondition, ContainerImage, Ec2TaskDefinition, LinuxParameters, LogDriver, NetworkMode, Secret as EcsSecret,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { GPU_METRICS_CONFIG } from '../../lib/contracts/gpu-metrics';
import { DRAIN, VLLM_PORT } from '../../lib/inference/vllm-arguments';
import { bundled } from '../assets';
import { WeightsSource } from './served-model';

export interface VllmTaskProps {
  readonly image: ContainerImage;
  readonly arguments: readonly string[];
  readonly gpus: number;
  readonly weights: WeightsSource;
  readonly apiKey: ISecret;
  readonly logGroup: ILogGroup;
  /** The metrics service's configuration as JSON. */
  readonly metricsConfig: string;
}

const FETCH_IMAGE = 'public.ecr.aws/aws-cli/aws-cli:2.31.0';
const NODE_IMAGE = 'public.ecr.aws/docker/library/node:24.21.0-slim';
const BUNDLE = 'gpu-metrics.js';

export class VllmTask extends Construct {
  public readonly definition: Ec2TaskDefinition;
  public readonly vllm: ContainerDefinition;

  public constructor(scope: Construct, id: string, props: VllmTaskProps) {
    super(scope, id);
    this.definition = new Ec2TaskDefinition(this, 'Resource', {
      networkMode: NetworkMode.BRIDGE,
      // A restarted task finds its weights where the one before it left them.
      volumes: [{ name: 'weights', host: { sourcePath: '/var/lib/ai-margin/weights' } }, { name: 'bundle' }],
    });
    this.vllm = this.addVllm(props);
    this.addMetrics(props);
  }

  private addVllm({ image, weights, apiKey, logGroup, gpus, ...props }: VllmTaskProps): ContainerDefinition {
    weights._objects?.bucket.grantRead(this.definition.taskRole, `${weights._objects.prefix}/*`);
    const vllm = this.definition.addContainer('vllm', {
      image,
      entryPoint: ['vllm', 'serve'],
      command: [...props.arguments],
      gpuCount: gpus,
      memoryReservationMiB: 4096, // Only placed by; the replica has its instance for itself.
      portMappings: [{ containerPort: VLLM_PORT, hostPort: VLLM_PORT }],
      environment: {
        // Longer than the load balancer keeps its connections, or it would meet closed ones and answer 502.
        VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(DRAIN.idleTimeoutSeconds + 10),
        AWS_REGION: Stack.of(this).region,
        HF_HOME: '/weights',
      },
      secrets: { VLLM_API_KEY: EcsSecret.fromSecretsManager(apiKey), ...weights._token && { HF_TOKEN: EcsSecret.fromSecretsManager(weights._token) } },
      stopTimeout: Duration.seconds(DRAIN.stopSeconds),
      // NCCL moves tensors between GPUs through shared memory.
      linuxParameters: new LinuxParameters(this, 'Linux', { initProcessEnabled: true, sharedMemorySize: gpus > 1 ? 8192 : 2048 }),
      logging: LogDriver.awsLogs({ streamPrefix: 'vllm', logGroup }),
    });
    vllm.addMountPoints({ sourceVolume: 'weights', containerPath: '/weights', readOnly: false });
    return vllm;
  }

  private addMetrics({ logGroup, metricsConfig }: VllmTaskProps): void {
    const file = bundled(BUNDLE);
    const asset = new Asset(this, 'MetricsBundle', { path: file });
    // This object alone; the CDK's own grant would be for all assets of the account.
    this.definition.addToTaskRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)] }));
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const logging = LogDriver.awsLogs({ streamPrefix: 'metrics', logGroup });
    const fetch = this.definition.addContainer('metrics-bundle', {
      image: ContainerImage.fromRegistry(FETCH_IMAGE),
      essential: false,
      entryPoint: ['sh', '-c'],
      // What fails once (a cold network, a throttled bucket) must not leave the replica unmetered for its life.
      command: [`for attempt in $(seq 60); do aws s3 cp "$BUNDLE" /bundle/${BUNDLE} && echo "${sha256}  /bundle/${BUNDLE}" | sha256sum --check && exit 0; sleep 5; done; exit 1`],
      environment: { BUNDLE: asset.s3ObjectUrl },
      memoryReservationMiB: 64,
      logging,
    });
    fetch.addMountPoints({ sourceVolume: 'bundle', containerPath: '/bundle', readOnly: false });
    const metrics = this.definition.addContainer('metrics', {
      image: ContainerImage.fromRegistry(NODE_IMAGE),
      essential: false, // A replica that is not metered still serves.
      enableRestartPolicy: true,
      command: ['node', `/bundle/${BUNDLE}`],
      environment: { [GPU_METRICS_CONFIG]: metricsConfig },
      user: 'node',
      readonlyRootFilesystem: true,
      memoryReservationMiB: 64,
      memoryLimitMiB: 256,
      logging,
    });
    metrics.addMountPoints({ sourceVolume: 'bundle', containerPath: '/bundle', readOnly: true });
    metrics.addContainerDependencies({ container: fetch, condition: ContainerDependencyCondition.SUCCESS });
    metrics.addLink(this.vllm, 'vllm');
  }
}
