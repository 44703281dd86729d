/** A GPU group deployed: its bundled controller sizes both Auto Scaling groups, and on-demand stands in when spot is taken away. */
import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { GpuInferenceGroup, Precision, Purchase, ModelPreset, ServedModel } from '../../constructs';
import { eventually, invoke, publish, putEvent } from './harness/aws';
import { deploy } from './harness/cdk';
import { StackResource, jsonLog, physicalId, stackResources } from './harness/stack';
import { useEmulator } from './harness/use-emulator';

useEmulator();

const STACK = 'GpuGroup';
let resources: StackResource[];
let controller: string;
let spot: string;
let onDemand: string;

beforeAll(async () => {
  const app = new App({ outdir: mkdtempSync(join(process.env.E2E_FOLDER!, 'gpu-')) });
  const stack = new Stack(app, STACK, { env: { region: 'us-east-1' } });
  new GpuInferenceGroup(stack, 'Model', {
    model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B, { weights: Precision.FP8 }),
    instanceTypes: [new InstanceType('g6e.xlarge'), new InstanceType('g6e.2xlarge')],
    scaling: { minReplicas: 3, maxReplicas: 8, targetConcurrencyPerReplica: 32 },
    spendCap: { topic: new Topic(stack, 'OverBudget'), maxReplicas: 1 },
    purchase: Purchase.spotWithFallback({ onDemandBase: 1, hold: Duration.seconds(1) }),
  });
  await deploy(app.synth().directory, STACK);
  resources = await stackResources(STACK);
  controller = physicalId(resources, 'AWS::Lambda::Function', 'Controller');
  spot = physicalId(resources, 'AWS::AutoScaling::AutoScalingGroup', 'Spot');
  onDemand = physicalId(resources, 'AWS::AutoScaling::AutoScalingGroup', 'OnDemand');
});

const autoScaling = () => new AutoScaling();
const instancesOf = async (group: string): Promise<string[]> => {
  const { AutoScalingGroups } = await autoScaling().describeAutoScalingGroups({ AutoScalingGroupNames: [group] });
  return AutoScalingGroups![0]!.Instances!.map(({ InstanceId }) => InstanceId!);
};
const sizes = async () => ({ spot: (await instancesOf(spot)).length, onDemand: (await instancesOf(onDemand)).length });

/** Runs the controller on an event and waits for it. */
const wake = async (event: object): Promise<void> => {
  expect(await invoke(controller, { time: new Date().toISOString(), ...event })).toEqual({ failed: false, answer: null });
};

/** What the rule sends each minute. */
async function tick(): Promise<{ spot: number; onDemand: number }> {
  await wake({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
  return sizes();
}

/** What ECS does once the model answers /health on the instance. */
async function becomeHealthy(...instances: string[]): Promise<void> {
  await new ElasticLoadBalancingV2().registerTargets({
    TargetGroupArn: physicalId(resources, 'AWS::ElasticLoadBalancingV2::TargetGroup'), Targets: instances.map(Id => ({ Id, Port: 8000 })),
  });
}

const notice = (instance: string) => ({
  source: 'aws.ec2', detailType: 'EC2 Spot Instance Interruption Warning', detail: { 'instance-id': instance, 'instance-action': 'terminate' },
});

test('both groups start empty; until spot is ready, on-demand covers the whole demand', async () => {
  expect(await sizes()).toEqual({ spot: 0, onDemand: 0 });
  expect(await tick()).toEqual({ spot: 2, onDemand: 3 });
});

test('with spot ready and the hold over, on-demand shrinks to its base', async () => {
  await becomeHealthy(...await instancesOf(spot), ...await instancesOf(onDemand));
  expect(await eventually(tick, ({ onDemand: size }) => size < 3)).toEqual({ spot: 2, onDemand: 1 });
});

test('an interruption notice on the bus makes on-demand stand in at once', async () => {
  const [interrupted] = await instancesOf(spot);
  expect(await putEvent(notice(interrupted!))).toMatchObject({ FailedEntryCount: 0 });
  expect(await eventually(sizes, ({ onDemand: size }) => size > 1)).toEqual({ spot: 2, onDemand: 2 });
});

test('a notice about an instance of somebody else changes nothing', async () => {
  const { source, detailType, detail } = notice('i-of-somebody-else');
  await wake({ source, 'detail-type': detailType, detail });
  expect(await sizes()).toEqual({ spot: 2, onDemand: 2 });
});

test('what an event did not tell, the rule of every minute heals by itself', async () => {
  // No invocation is under way any more: the one before was waited for, and it waited for the lease.
  await autoScaling().setDesiredCapacity({ AutoScalingGroupName: onDemand, DesiredCapacity: 0 });
  expect(await eventually(sizes, ({ onDemand: size }) => size > 0, 90_000)).toEqual({ spot: 2, onDemand: 2 });
});

test('a message on the topic of the budget caps the replicas', async () => {
  await publish(physicalId(resources, 'AWS::SNS::Topic'), 'Your budget is exceeded.');
  await eventually(tick, size => size.spot + size.onDemand === 1);
});

test('no call was denied, and only what the emulator lacks failed', async () => {
  const lines = await jsonLog(physicalId(resources, 'AWS::Logs::LogGroup', 'Controller'));
  const failures = lines.filter(({ level }) => level === 'warn' || level === 'error').map(({ message, error }) => `${String(message)}: ${String(error)}`)
    // No vLLM runs here, so nobody counts calls; a tick says so once replicas have served for three minutes.
    .filter(failure => !failure.startsWith('no fresh count of the calls in flight was found'));
  const suspension = (group: string): string => `failed to stop ${group} from rebalancing zones: InvalidAction: Unknown AutoScaling action: SuspendProcesses`;
  expect(new Set(failures)).toEqual(new Set([
    'failed to read spot prices: InvalidAction: Unknown EC2 action: DescribeSpotPriceHistory',
    suspension(spot), suspension(onDemand),
  ]));
});
