/** The wiring of a GPU group as it stands in the template: what ECS, EC2 and spot need, and what breaks silently without. */
import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-autoscaling';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { GpuInferenceGroup, ModelPreset, Precision, Purchase, ServedModel, WeightsSource } from '../../../constructs';
import { declarationSchema } from '../../../lib/contracts/declaration';
import { gpuMetricsConfigSchema } from '../../../lib/contracts/gpu-metrics';
import { DRAIN } from '../../../lib/inference/vllm-arguments';
import { quietApp } from '../fixture';
import { emptyStack, groupProps, grouped } from './grouping';

interface Container {
  Name: string; Image: string; Command: string[]; Essential: boolean; StopTimeout?: number; Links?: string[]; Environment?: { Name: string; Value: string }[];
  Secrets?: { Name: string }[]; ResourceRequirements?: { Type: string; Value: string }[]; DependsOn?: { ContainerName: string; Condition: string }[];
}
const { template: synthesize } = grouped();
const template = synthesize();

function only(type: string, from = template): Record<string, unknown> {
  const found = Object.values(from.findResources(type));
  expect(found).toHaveLength(1);
  return found[0]!.Properties as Record<string, unknown>;
}
const containers = (from = template): Record<string, Container> =>
  Object.fromEntries((only('AWS::ECS::TaskDefinition', from).ContainerDefinitions as Container[]).map(c => [c.Name, c]));

describe('instances', () => {
  const groups = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup')).map(({ Properties }) => Properties as Record<string, never>);

  test('one group on spot, one on demand, both from 0 to the maximum, sized by the controller alone', () => {
    expect(groups.map(g => [g.MinSize, g.MaxSize, g.DesiredCapacity, g.CapacityRebalance ?? false])).toEqual([['0', '40', undefined, false], ['0', '40', undefined, false]]);
    // The one that may still be loading goes first.
    expect(groups.map(g => g.TerminationPolicies)).toEqual([['NewestInstance'], ['NewestInstance']]);
    expect(groups.map(g => (g.MixedInstancesPolicy as unknown as { InstancesDistribution: object }).InstancesDistribution)).toEqual([
      { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'price-capacity-optimized' },
      { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 100, OnDemandAllocationStrategy: 'prioritized' },
    ]);
    expect(groups.map(g => (g.MixedInstancesPolicy as unknown as { LaunchTemplate: { Overrides: object } }).LaunchTemplate.Overrides)).toEqual(
      [[{ InstanceType: 'g6e.xlarge' }, { InstanceType: 'g6e.2xlarge' }], [{ InstanceType: 'g6e.xlarge' }, { InstanceType: 'g6e.2xlarge' }]],
    );
  });

  test('the GPU image of AL2023, IMDSv2 out of the containers\' reach, an encrypted gp3 volume for image and weights', () => {
    const launches = Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(r => r.Properties.LaunchTemplateData as Record<string, unknown>);
    expect(launches).toHaveLength(2);
    for (const launch of launches) {
      expect(launch).toMatchObject({
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        // 30 for the system, 40 for the image, 9.1 GB of weights and a tenth
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 80, Throughput: 500, DeleteOnTermination: true } }],
      });
    }
    expect(JSON.stringify(template.toJSON().Parameters)).toContain('/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id');
  });

  test('spot draining is written although the CDK leaves it out for mixed instances', () => {
    const userData = Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(r => JSON.stringify(r.Properties.LaunchTemplateData.UserData));
    for (const text of userData) expect(text).toContain('\\nECS_ENABLE_SPOT_INSTANCE_DRAINING=true\\n');
  });

  test('capacity providers only drain, and add no drain function', () => {
    const providers = Object.values(template.findResources('AWS::ECS::CapacityProvider')).map(r => r.Properties.AutoScalingGroupProvider as object);
    expect(providers).toHaveLength(2);
    for (const provider of providers) {
      expect(provider).toMatchObject({ ManagedScaling: { Status: 'DISABLED' }, ManagedTerminationProtection: 'DISABLED', ManagedDraining: 'ENABLED' });
    }
    expect(JSON.stringify(template.findResources('AWS::Lambda::Function'))).not.toContain('DrainECSHook');
    expect(JSON.stringify(only('AWS::ECS::ClusterCapacityProviderAssociations').DefaultCapacityProviderStrategy)).toBe('[]');
  });

  test.each([
    ['onDemand', Purchase.onDemand(), [100]],
    ['spotOnly', Purchase.spotOnly({ reason: 'batch work that waits' }), [0]],
  ])('%s has one group', (_, purchase, percents) => {
    const only = Object.values(grouped({ purchase }).template().findResources('AWS::AutoScaling::AutoScalingGroup'));
    expect(only.map(g => g.Properties.MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity as number)).toEqual(percents);
  });
});

describe('the service', () => {
  test('a daemon on EC2 without any strategy, chosen by attribute, that keeps half of its replicas through an update', () => {
    const service = only('AWS::ECS::Service');
    expect(service).toMatchObject({
      SchedulingStrategy: 'DAEMON', LaunchType: 'EC2', DeploymentConfiguration: { MinimumHealthyPercent: 50, MaximumPercent: 100 }, HealthCheckGracePeriodSeconds: 506,
      PlacementConstraints: [{ Type: 'memberOf', Expression: expect.stringMatching(/^attribute:ai-margin\.group == [0-9a-f]{16}$/) as string }],
    });
    expect(service).not.toHaveProperty('CapacityProviderStrategy');
    expect(service).not.toHaveProperty('DesiredCount');
    const [, attribute] = /== (\w+)/.exec((service.PlacementConstraints as { Expression: string }[])[0]!.Expression)!;
    expect(JSON.stringify(template.findResources('AWS::EC2::LaunchTemplate'))).toContain(JSON.stringify(`ECS_INSTANCE_ATTRIBUTES={"ai-margin.group":"${attribute}"}`).slice(1, -1));
  });

  test('the only replica of a group of one is replaced, not waited for', () => {
    expect(only('AWS::ECS::Service', grouped({ scaling: { maxReplicas: 1, targetConcurrencyPerReplica: 8 } }).template())).toMatchObject({ DeploymentConfiguration: { MinimumHealthyPercent: 0 } });
  });

  test('vLLM batches, prefers the important calls and drains; the GPU is a resource of its container', () => {
    const { vllm } = containers();
    expect(vllm!.Command).toEqual([
      expect.stringContaining('Llama-3.1-8B'), '--served-model-name', expect.any(String), '--port', '8000', '--tensor-parallel-size', '1', '--max-model-len', '8192',
      '--gpu-memory-utilization', '0.9', '--max-num-seqs', '256', '--max-num-batched-tokens', '2048', '--scheduling-policy', 'priority', '--shutdown-timeout', '50',
      '--disable-uvicorn-access-log',
    ]);
    expect(vllm).toMatchObject({ Essential: true, StopTimeout: 55, ResourceRequirements: [{ Type: 'GPU', Value: '1' }] });
    expect(vllm!.Secrets!.map(s => s.Name)).toEqual(['VLLM_API_KEY']);
  });

  test('what drains fits into a spot notice, in order', () => {
    expect(DRAIN.shutdownSeconds).toBeLessThan(DRAIN.stopSeconds);
    // With time for the notice to arrive and to be acted on.
    expect(DRAIN.deregistrationSeconds + DRAIN.stopSeconds).toBeLessThanOrEqual(105);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'instance', Port: 8000, HealthCheckPath: '/health',
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }, { Key: 'load_balancing.algorithm.type', Value: 'least_outstanding_requests' }]),
    });
  });

  test('the metering service is checked by its hash, restarted, and never takes the replica down', () => {
    const { 'metrics-bundle': fetch, metrics } = containers();
    expect(fetch!.Essential).toBe(false);
    expect(fetch!.Command[0]).toMatch(
      / aws s3 cp "\$BUNDLE" \/bundle\/gpu-metrics\.js && echo "[0-9a-f]{64} {2}\/bundle\/gpu-metrics\.js" \| sha256sum --check && exit 0; .* exit 1$/);
    expect(metrics).toMatchObject({
      Essential: false, Links: ['vllm:vllm'], RestartPolicy: { Enabled: true }, ReadonlyRootFilesystem: true, User: 'node',
      DependsOn: [{ ContainerName: 'metrics-bundle', Condition: 'SUCCESS' }],
    });
    const config = gpuMetricsConfigSchema.parse(JSON.parse(metrics!.Environment![0]!.Value));
    expect(config).toMatchObject({ group: 'Stack/Llama', url: 'http://vllm:8000/metrics' });
    expect(config.ratedTokensPerSecond).toBeGreaterThan(100);
  });

  test('weights in S3 are streamed past the disk and readable by the task alone', () => {
    const stack = emptyStack();
    const { template: s3 } = grouped({ model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B, { weights: Precision.FP8, source: WeightsSource.s3(Bucket.fromBucketName(stack, 'Weights', 'weights'), 'llama') }) });
    expect(containers(s3()).vllm).toMatchObject({ Image: expect.stringContaining('deep-learning-containers') as string, Command: expect.arrayContaining(['s3://weights/llama', '--load-format', 'runai_streamer']) as string[] });
    expect(JSON.stringify(s3().findResources('AWS::IAM::Policy'))).toContain(':s3:::weights/llama/*');
    expect(JSON.stringify(s3().findResources('AWS::EC2::LaunchTemplate'))).toContain('"VolumeSize":70');
  });
});

describe('access', () => {
  test('the load balancer is internal and open to nobody until somebody is let in', () => {
    expect(only('AWS::ElasticLoadBalancingV2::LoadBalancer')).toMatchObject({ Scheme: 'internal' });
    const open = (t = template): number => Object.values(t.findResources('AWS::EC2::SecurityGroupIngress')).filter(r => r.Properties.FromPort === 80).length;
    expect(open()).toBe(0);
    const { group, template: opened } = grouped();
    group.connections.allowDefaultPortFrom(Peer.ipv4('10.0.0.0/8'));
    expect(JSON.stringify(opened().findResources('AWS::EC2::SecurityGroup'))).toContain('"CidrIp":"10.0.0.0/8"');
  });

  test('grantInvoke reads the key and nothing else', () => {
    const { group, stack, template: granted } = grouped();
    const caller = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    group.grantInvoke(caller);
    const policy = Object.entries(granted().findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('Caller'))![1];
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: { Ref: expect.stringContaining('ApiKey') as string } },
    ]);
  });

  test('no template holds a secret', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/hf_[A-Za-z0-9]{10}|resolve:secretsmanager/);
  });
});

describe('what it declares', () => {
  const declaration = declarationSchema.parse(template.toJSON().Metadata.AiMargin);

  test('the group, with the construct paths of its Auto Scaling groups', () => {
    expect(declaration.groups).toEqual([expect.objectContaining({
      path: 'Stack/Llama', maxModelLength: 8_192, coldStartSeconds: 253, spotGroup: 'Stack/Llama/Fleet/Spot/Instances/ASG', onDemandGroup: 'Stack/Llama/Fleet/OnDemand/Instances/ASG',
      scaling: { minReplicas: 1, maxReplicas: 40, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 },
      purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
    })]);
    const paths = Object.values(template.toJSON().Resources as Record<string, { Metadata?: Record<string, string> }>).map(r => r.Metadata?.['aws:cdk:path']);
    for (const path of [declaration.groups[0]!.spotGroup, declaration.groups[0]!.onDemandGroup]) expect(paths).toContain(path);
  });

  test('scheduled floors, with their time zone', () => {
    const { group, template: floored } = grouped();
    group.addScheduledFloor('NineAm', {
      minReplicas: 4, schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '8', minute: '40' }), timeZone: TimeZone.AMERICA_NEW_YORK, duration: Duration.hours(2),
    });
    const { groups } = declarationSchema.parse(floored().toJSON().Metadata.AiMargin);
    expect(groups[0]!.floors).toEqual([{ id: 'NineAm', minReplicas: 4, cron: '40 8 * * MON-FRI', timeZone: 'America/New_York', durationSeconds: 7_200 }]);
    expect(() => group.addScheduledFloor('NineAm', { minReplicas: 4, schedule: Schedule.cron({}), duration: Duration.hours(1) })).toThrow(/Stack\/Llama: there is a scheduled floor NineAm already/);
  });

  test('what its own parts use, so that nothing of it is left undeclared', () => {
    const used = declaration.usage.flatMap(u => Object.keys(u.quantities)).sort();
    expect(used).toEqual([
      'alb/lcu', 'cloudwatch/get-metric-data', 'cloudwatch/metric', 'cloudwatch/metric', 'data-transfer/internet-out', 'dynamodb/read-unit', 'dynamodb/storage', 'dynamodb/write-unit', 'lambda/arm-duration', 'lambda/request',
      'logs/ingestion', 'logs/ingestion', 'logs/storage', 'logs/storage', 'nat/data', 'secrets-manager/request',
    ]);
  });
});

test('it says of which types the price guard cannot judge spot', () => {
  const infos = (region: string): string[] => {
    const stack = new Stack(quietApp(), 'Stack', { env: { region } });
    new GpuInferenceGroup(stack, 'Llama', groupProps);
    return Annotations.fromStack(stack).findInfo('/Stack/Llama', Match.anyValue()).map(info => JSON.stringify(info.entry.data));
  };
  expect(infos('us-east-1')).toEqual([]);
  expect(infos('ap-south-1')).toEqual([expect.stringContaining('the on-demand price of g6e.xlarge, g6e.2xlarge is unknown here')]);
});

test('metrics are sums of what replicas and controller reported, by the one definition of utilisation', () => {
  const { group } = grouped();
  const of = (metric: { toMetricConfig(): { mathExpression?: { expression: string } } }): string => metric.toMetricConfig().mathExpression!.expression;
  expect(of(group.metricUtilization())).toBe('IF(rated > 0, 100 * tokens / rated)');
  expect(of(group.metricInFlight({ period: Duration.minutes(1) }))).toBe('inFlightSeconds / 60');
  expect(of(group.metricIdleReplicaHours())).toBe('idleSeconds / 3600');
  // us-east-1: .9971 spot, 1.861 on demand
  expect(of(group.metricCostPerHour())).toBe('spot * 0.9971 + onDemand * 1.861');
  expect(of(group.metricIdleFloorCostPerHour())).toBe(
    'IF(demand <= floor AND spot + onDemand > 0, idleSeconds / 300 * (spot * 0.9971 + onDemand * 1.861) / (spot + onDemand), 0)');
});

test('logical ids are stable: they are public contract', () => {
  expect(Object.entries(template.toJSON().Resources as Record<string, { Type: string }>)
    .filter(([, r]) => /AutoScalingGroup|ECS::Service|LoadBalancer$|DynamoDB|Secret$/.test(r.Type)).map(([id]) => id).sort()).toMatchSnapshot();
});
