/** What cannot work is refused at construction, with the construct path, the value given and what would do. */
import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-autoscaling';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as fc from 'fast-check';
import { GpuInferenceGroup, GpuInferenceGroupProps, GpuMonitoring, ModelPreset, Precision, Purchase, ServedModel, WeightsSource } from '../../../constructs';
import { declarationSchema } from '../../../lib/contracts/declaration';
import { InputError } from '../../../lib/errors';
import { US_EAST_1 } from '../fixture';
import { emptyStack, groupProps, grouped, types } from './grouping';

const EMBEDDING_BENCH = JSON.stringify({ max_concurrency: 8, completed: 100, failed: 0, total_input_tokens: 51_200, total_token_throughput: 9_000 });
const scaling = { maxReplicas: 4, targetConcurrencyPerReplica: 8 };

test.each<[string, Partial<GpuInferenceGroupProps>, RegExp]>([
  ['a minimum above the maximum', { scaling: { ...scaling, minReplicas: 5 } }, /Stack\/Llama: scaling\.minReplicas is 5 and maxReplicas 4/],
  ['a base above the maximum', { scaling, purchase: Purchase.spotWithFallback({ onDemandBase: 5 }) }, /Stack\/Llama: purchase\.onDemandBase is 5 and scaling\.maxReplicas 4/],
  ['an idle hold shorter than the cold start from zero', { scaling: { ...scaling, minReplicas: 0, idleHold: Duration.minutes(2) } }, /scaling\.idleHold is 120 s and a cold start takes 253 s/],
  ['no replica at all', { scaling: { ...scaling, maxReplicas: 0 } }, /Stack\/Llama is not valid\. scaling\.maxReplicas is 0/],
  ['half a replica', { scaling: { ...scaling, maxReplicas: 2.5 } }, /scaling\.maxReplicas is 2\.5/],
  ['no instance type', { instanceTypes: [] }, /instanceTypes is empty/],
  ['mixed GPU counts', { instanceTypes: types('g6e.xlarge', 'g6e.12xlarge') }, /g6e\.xlarge has 1, g6e\.12xlarge has 4 GPUs; .* one GPU count/],
  ['mixed architectures', { instanceTypes: types('g6.xlarge', 'g5g.xlarge') }, /g6\.xlarge is x86_64, g5g\.xlarge is arm64; .* one architecture/],
  ['an architecture without an image', { instanceTypes: types('g5g.xlarge') }, /g5g\.xlarge is arm64, and the ECS GPU image .* x86_64/],
  ['a type named twice', { instanceTypes: types('g6.xlarge', 'g6.xlarge') }, /instanceTypes names g6\.xlarge twice/],
  ['an unknown instance type', { instanceTypes: types('g99.xlarge') }, /g99\.xlarge is not a GPU instance type this knows .*instanceShapes/],
  ['an instance type without GPUs', { instanceTypes: types('m7i.large') }, /m7i\.large is not a GPU instance type/],
  ['70B in 16 bits on 24 GB', { model: ServedModel.preset(ModelPreset.LLAMA_3_1_70B), instanceTypes: types('g6.xlarge') }, /Stack\/Llama: .*70[Bb].* in bf16 does not fit g6\.xlarge: .*141.*GB.*lower precision/s],
  ['a context that no memory holds', { model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B), instanceTypes: types('g6.xlarge'), maxModelLength: 32_768 }, /does not fit g6\.xlarge: .*tokens/s],
  ['a context the model does not take', { maxModelLength: 1_000_000 }, /maxModelLength is 1000000, and .* takes at most 131072/],
  ['a bench result of an embedding model for one that writes', { benchmarks: [EMBEDDING_BENCH] }, /Stack\/Llama: benchmark 1 generated no tokens, and llama-3\.1-8b-instruct is a model that generates/],
  ['a bench result that is none', { benchmarks: ['hello'] }, /Stack\/Llama: benchmark 1/],
  ['a spot price limit of nothing', { purchase: Purchase.spotWithFallback({ maxSpotPricePercent: 0 }) }, /Stack\/Llama: purchase.*maxSpotPricePercent is 0/],
  ['spot only without a reason', { purchase: Purchase.spotOnly({ reason: 'x' }) }, /Stack\/Llama: purchase.*reason is "x"/],
])('%s', (_, changes, message) => {
  expect(() => grouped(changes)).toThrow(message);
  expect(() => grouped(changes)).toThrow(InputError);
});

test('a floor above the maximum, or with a schedule that is none', () => {
  const { group } = grouped({ scaling });
  const duration = Duration.hours(1);
  expect(() => group.addScheduledFloor('A', { minReplicas: 5, schedule: Schedule.cron({ hour: '8' }), duration })).toThrow(/Stack\/Llama: the scheduled floor A asks for 5 replicas and scaling\.maxReplicas is 4/);
  expect(() => group.addScheduledFloor('B', { minReplicas: 2, schedule: Schedule.expression('at noon'), duration })).toThrow(/Stack\/Llama: .*B.*at noon/);
});

test('fewer than two zones, a VPC beside a cluster, a cluster with a default strategy', () => {
  const stack = emptyStack();
  const oneZone = new Vpc(stack, 'OneZone', { maxAzs: 1 });
  expect(() => new GpuInferenceGroup(stack, 'A', { ...groupProps, vpc: oneZone })).toThrow(/Stack\/A: its subnets are in 1 Availability Zone; .* at least two/);
  const vpc = new Vpc(stack, 'Vpc');
  const foreign = new Cluster(new Stack(stack.node.root as App, 'Net', US_EAST_1), 'Cluster');
  expect(() => new GpuInferenceGroup(stack, 'D', { ...groupProps, cluster: foreign })).toThrow(/Stack\/D: the cluster Net\/Cluster is in another stack/);
  const topic = new Topic(stack, 'Topic');
  expect(() => grouped({ spendCap: { topic, maxReplicas: 41 } })).toThrow(/Stack\/Llama: spendCap\.maxReplicas is 41; give a whole number from 0 to scaling\.maxReplicas, 40/);
  const cluster = new Cluster(stack, 'Cluster', { vpc, enableFargateCapacityProviders: true });
  expect(() => new GpuInferenceGroup(stack, 'B', { ...groupProps, vpc, cluster })).toThrow(/Stack\/B: vpc and cluster are both given/);
  const group = new GpuInferenceGroup(stack, 'C', { ...groupProps, cluster, vpcSubnets: { subnetType: SubnetType.PUBLIC } });
  expect(group.vpc).toBe(vpc);
  expect(cluster.node.validate()).toEqual([]);
  cluster.addDefaultCapacityProviderStrategy([{ capacityProvider: 'FARGATE', weight: 1 }]);
  expect(cluster.node.validate()).toEqual([expect.stringMatching(/Stack\/C: ECS refuses daemon services/)]);
});

test('an unknown instance type is accepted with its GPUs and memory declared', () => {
  const instanceType = new InstanceType('g99.xlarge');
  const { template } = grouped({ instanceTypes: [instanceType], instanceShapes: [{ instanceType, gpus: 1, gpuMemory: Size.gibibytes(96) }] });
  const { groups } = declarationSchema.parse(template().toJSON().Metadata.AiMargin);
  expect(groups[0]!.instances).toEqual([{
    type: 'g99.xlarge', gpu: 'declared', gpus: 1, memoryMib: 98_304, bandwidthGigabytesPerSecond: 320, teraflops: { bf16: 65 }, architecture: 'x86_64',
  }]);
});

test('thresholds that can never alarm, and silence without a reason', () => {
  expect(() => GpuMonitoring.alarms({ minUtilizationPercent: -1 })).toThrow(/minUtilizationPercent is -1/);
  expect(() => GpuMonitoring.alarms({ maxOnDemandSharePercent: 500 })).toThrow(/maxOnDemandSharePercent is 500/);
  expect(() => GpuMonitoring.disabled({ reason: 'no' })).toThrow(/the reason is "no"/);
});

test.each(['', '/x', 'x/'])('weights under the prefix "%s" would be readable by nobody', prefix => {
  const bucket = Bucket.fromBucketName(emptyStack(), 'Weights', 'weights');
  expect(() => WeightsSource.s3(bucket, prefix)).toThrow(`WeightsSource.s3: the prefix is "${prefix}"; give the folder`);
});

test('a duration of half a second, and a VPC without the subnets asked for, are told with the path', () => {
  expect(() => grouped({ scaling: { ...scaling, idleHold: Duration.millis(90_500) } })).toThrow(/Stack\/Llama is not valid\. scaling\.idleHoldSeconds is 90\.5/);
  const stack = emptyStack();
  const vpc = new Vpc(stack, 'Vpc', { natGateways: 0 });
  expect(() => new GpuInferenceGroup(stack, 'A', { ...groupProps, vpc })).toThrow(/Stack\/A: vpcSubnets selects no subnets of Stack\/Vpc/);
});

test('a metric of another region, and more floors than the controller can be told, are refused', () => {
  const metric = (region: string): Metric => new Metric({ namespace: 'Gateway', metricName: 'InFlight', region });
  expect(() => grouped({ callerInFlight: metric('eu-west-1') })).toThrow(/Stack\/Llama: callerInFlight is a metric of eu-west-1; .* its own region, us-east-1/);
  expect(() => grouped({ callerInFlight: metric('us-east-1') })).not.toThrow();
  const { group, template } = grouped();
  for (let hour = 0; hour < 24; hour++) {
    for (const minute of ['0', '30']) {
      group.addScheduledFloor(`EveryDayFrom${hour}h${minute}`, { minReplicas: 2, schedule: Schedule.cron({ hour: String(hour), minute }), duration: Duration.minutes(20) });
    }
  }
  expect(template).toThrow(/Stack\/Llama: its 48 scheduled floors and 2 instance types make a configuration of \d+ bytes, and a Lambda function takes 3400; merge floors/);
});

test('a model of one\'s own is checked like a preset', () => {
  const custom = (layers: number): ServedModel => ServedModel.custom({
    name: 'mine', source: WeightsSource.hub('me/mine'), weights: Precision.BF16, weightGigabytes: 3, activeParametersBillion: 1.5, layers, kvHeads: 8, headDim: 128, maxContextTokens: 4_096,
  });
  expect(() => custom(0)).toThrow(/ServedModel\.custom\(mine\).*layers is 0/);
  expect(declarationSchema.parse(grouped({ model: custom(24) }).template().toJSON().Metadata.AiMargin).groups[0]!.maxModelLength).toBe(4_096);
});

test('any props make a valid declaration, or are refused with the construct path', () => {
  const whole = fc.integer({ min: -1, max: 12 });
  fc.assert(fc.property(fc.record({
    minReplicas: whole, maxReplicas: whole, target: whole, onDemandBase: whole,
    maxSpotPricePercent: fc.integer({ min: -5, max: 130 }), length: fc.integer({ min: 0, max: 300_000 }),
    type: fc.constantFrom('g5.xlarge', 'g6.12xlarge', 'p5.48xlarge', 'g6f.large', 'inf2.xlarge'), precision: fc.constantFrom(...Object.values(Precision)),
  }), p => {
    const stack = new Stack(undefined, 'Stack', { env: { region: 'us-east-1' } });
    try {
      new GpuInferenceGroup(stack, 'Llama', {
        model: ServedModel.preset(ModelPreset.QWEN3_32B, { weights: p.precision }), instanceTypes: types(p.type), maxModelLength: p.length,
        scaling: { minReplicas: p.minReplicas, maxReplicas: p.maxReplicas, targetConcurrencyPerReplica: p.target },
        purchase: Purchase.spotWithFallback({ onDemandBase: p.onDemandBase, maxSpotPricePercent: p.maxSpotPricePercent }),
      });
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toContain('Stack/Llama');
      return;
    }
    expect([p.minReplicas <= p.maxReplicas, p.onDemandBase <= p.maxReplicas, p.maxReplicas >= 1, p.target >= 1]).toEqual([true, true, true, true]);
  }), { numRuns: 60 });
});
