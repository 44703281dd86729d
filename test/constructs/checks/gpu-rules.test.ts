/** CAP001, CAP002 and GPU001 through the gate: each passes and fails, on our groups and on what others made. */
import { App, CfnParameter, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { GpuInferenceGroup, GpuInferenceGroupProps, GpuMonitoring, ModelPreset, ModelUse, Purchase, ServedModel } from '../../../constructs';
import { Synthesized, synth } from './synthesized';
import { checkedApp, declaredStack, workflowProps } from '../fixture';
import { groupProps, types } from '../inference/grouping';

type Finding = Synthesized['findings'][number];

/** The example of the design: 120 calls of 3,200 + 700 tokens at the peak, ten times that at growth. */
function example(group: Partial<GpuInferenceGroupProps> = {}, tokensPerCall = workflowProps.tokensPerCall): App {
  const app = checkedApp();
  const { stack, economics } = declaredStack(app, { growth: { usageMultiple: 10, revenueMultiple: 8 } });
  const model = ModelUse.gpuGroup(new GpuInferenceGroup(stack, 'Llama', { ...groupProps, ...group }));
  economics.addWorkflow('OnGpus', { ...workflowProps, tokensPerCall, peakConcurrency: 120, averageDuration: Duration.seconds(28) }).servedBy(model);
  return app;
}
const of = (rule: string, findings: readonly Finding[]): Finding[] => findings.filter(f => f.rule === rule);

describe('CAP001', () => {
  test('the example of the design is served at 1x and at growth', () => {
    const { findings, report } = synth(example());
    expect(of('CAP001', findings)).toEqual([]);
    expect(report.totals[0]!.scales.map(s => s.unserved)).toEqual([[], []]);
  });

  test('a maximum too small at growth fails the synth with the arithmetic', () => {
    // 1,200 calls / 32 = 37.5, so 38 replicas; 30 hold 960.
    const { failed, findings } = synth(example({ scaling: { ...groupProps.scaling, maxReplicas: 30 } }));
    expect(failed).toContain('CAP001');
    expect(of('CAP001', findings)).toEqual([expect.objectContaining({
      severity: 'error', path: 'Stack/Llama',
      message: expect.stringMatching(
        /at 10x 1,200 calls in flight need 38 replicas, 240 calls are not served\. A replica holds 32 calls \(its target\), maxReplicas is 30/) as string,
    })]);
  });

  test('memory bounds a replica before its target does', () => {
    // 8B in 16 bits on 24 GB keeps about 15k tokens: three calls of 3,900.
    const { findings } = synth(example({ model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B), instanceTypes: types('g6.xlarge') }));
    expect(of('CAP001', findings)[0]!.message).toMatch(/A replica holds 3 calls \(memory for 15\d{3} tokens, 3900 a call\)/);
  });

  test('the batch bounds a replica before a high target does', () => {
    // An L40S has less than 70 GiB: vLLM takes 256 calls at a time.
    const { findings } = synth(example({ scaling: { ...groupProps.scaling, maxReplicas: 1, targetConcurrencyPerReplica: 300 } }, { input: 50, output: 50 }));
    expect(of('CAP001', findings)[0]!.message).toMatch(/A replica holds 256 calls \(what vLLM takes into one batch on GPUs of this memory\)/);
  });

  test('calls longer than maxModelLength are served by no number of replicas', () => {
    const { findings } = synth(example({ maxModelLength: 2_048 }));
    expect(of('CAP001', findings)).toEqual([expect.objectContaining({ severity: 'error', message: expect.stringContaining('calls of 3900 tokens on average are longer than the 2048 tokens of maxModelLength') as string })]);
  });
});

describe('CAP001 warns of calls declared faster than full replicas make them', () => {
  const of1 = (averageDuration: Duration, maxP95LatencySeconds?: number): Finding[] => {
    const app = checkedApp();
    const { stack, economics } = declaredStack(app);
    const workflow = economics.addWorkflow('OnGpus', { ...workflowProps, peakConcurrency: 120, averageDuration, maxP95LatencySeconds });
    workflow.servedBy(ModelUse.gpuGroup(new GpuInferenceGroup(stack, 'Llama', groupProps)));
    return of('CAP001', synth(app).findings);
  };

  test('28 s of the design\'s example are within the doubt of 29 s', () => expect(of1(Duration.seconds(28), 45)).toEqual([]));

  test('2 s are not, and neither is a latency objective of 5 s', () => {
    expect(of1(Duration.seconds(2))).toEqual([expect.objectContaining({
      severity: 'warning', path: 'Stack/Economics/OnGpus', message: expect.stringMatching(/averageDuration is 2 s, and a replica of Stack\/Llama with 32 calls takes 29 s for one, 19 s at the fast end/) as string,
    })]);
    expect(of1(Duration.seconds(28), 5)[0]!.message).toContain('maxP95LatencySeconds is 5, and');
  });
});

describe('CAP002', () => {
  test('an undeclared quota is info, with the quota\'s code and what it needs', () => {
    const { failed, findings } = synth(example());
    expect(failed ?? '').not.toContain('ERROR Stack/Llama');
    const gpu = of('CAP002', findings).filter(f => f.path === 'Stack/Llama');
    expect(gpu.map(f => f.severity)).toEqual(['info', 'info']);
    // 38 replicas of at most 8 vCPUs at 10x; one of them is the base, always on demand.
    expect(gpu[0]!.message).toContain('at 10x up to 304 vCPUs on demand (38 replicas of 8), and no quota is declared (L-DB2E81BA)');
    expect(gpu[1]!.message).toContain('at 10x up to 296 vCPUs on spot (37 replicas of 8), and no quota is declared (L-3819A6DF)');
  });

  test('floors run too, and the groups of a stack share a quota', () => {
    const floored = synth(example({ scaling: { ...groupProps.scaling, minReplicas: 20 }, quota: { onDemandVcpus: 100, spotVcpus: 1_000 } }));
    expect(of('CAP002', floored.findings).filter(f => f.severity === 'error')[0]!.message).toContain('at 1x up to 160 vCPUs on demand (20 replicas of 8), and the quota L-DB2E81BA is 100');
    const app = checkedApp();
    const { stack, economics } = declaredStack(app, { growth: { usageMultiple: 1 } });
    for (const id of ['A', 'B']) {
      const group = new GpuInferenceGroup(stack, id, { ...groupProps, purchase: Purchase.onDemand(), quota: { onDemandVcpus: 20 }, instanceTypes: types('g6e.2xlarge'), scaling: { minReplicas: 2, maxReplicas: 2, targetConcurrencyPerReplica: 32 } });
      economics.addWorkflow(`On${id}`, workflowProps).servedBy(ModelUse.gpuGroup(group));
    }
    expect(of('CAP002', synth(app).findings).map(f => [f.severity, f.message])).toEqual([
      ['error', expect.stringContaining('up to 32 vCPUs on demand (2 replicas of 8 of Stack/A, 2 replicas of 8 of Stack/B), and the quota L-DB2E81BA is 20')],
    ]);
  });

  test('a declared quota that is enough says nothing; one that is exceeded fails', () => {
    expect(of('CAP002', synth(example({ quota: { onDemandVcpus: 304, spotVcpus: 296 } })).findings).filter(f => f.path === 'Stack/Llama')).toEqual([]);
    const { failed, findings } = synth(example({ quota: { onDemandVcpus: 303, spotVcpus: 296 } }));
    expect(failed).toContain('CAP002');
    expect(of('CAP002', findings).filter(f => f.severity === 'error')).toEqual([
      expect.objectContaining({ path: 'Stack/Llama', message: expect.stringContaining('at 10x up to 304 vCPUs on demand (38 replicas of 8), and the quota L-DB2E81BA is 303') as string }),
    ]);
  });

  test('tokens a minute against the declared quota of a model', () => {
    const build = (quotaTokensPerMinute?: number): ReturnType<typeof synth> => {
      const app = checkedApp();
      const { economics } = declaredStack(app);
      economics.addWorkflow('B', workflowProps).servedBy(ModelUse.bedrock('us.amazon.nova-lite-v1:0', { quotaTokensPerMinute }));
      return synth(app);
    };
    // 30 calls x 3,900 tokens x 60 / 12 s at 10x
    expect(of('CAP002', build(5_850_000).findings)).toEqual([]);
    const over = build(5_849_999);
    expect(of('CAP002', over.findings)).toEqual([expect.objectContaining({ severity: 'error', message: expect.stringContaining('needs 5,850,000 tokens a minute at 10x, quota 5,849,999') as string })]);
    expect(over.report.verdict).not.toBe('ok');
    expect(of('CAP002', build().findings).map(f => f.severity)).toEqual(['info']);
  });
});

describe('GPU001', () => {
  test('our groups are alarmed by themselves; silence is told with its reason', () => {
    expect(of('GPU001', synth(example()).findings)).toEqual([]);
    const { findings } = synth(example({ monitoring: GpuMonitoring.disabled({ reason: 'watched by the platform team' }) }));
    expect(of('GPU001', findings)).toEqual([expect.objectContaining({ severity: 'info', path: 'Stack/Llama', message: expect.stringContaining('on purpose: watched by the platform team') as string })]);
  });

  /** A group and a service on GPUs that never knew our constructs. */
  function raw(alarm?: (stack: Stack) => void, instanceType: unknown = 'g5.xlarge', launch: object = {}): string[] {
    const app = checkedApp();
    const { stack } = declaredStack(app);
    const type = new CfnParameter(stack, 'Type', { default: 'g6.xlarge' });
    const properties = { LaunchTemplateData: { InstanceType: instanceType === 'parameter' ? type.valueAsString : instanceType, ImageId: 'ami-1', ...launch } };
    new CfnResource(stack, 'Template', { type: 'AWS::EC2::LaunchTemplate', properties });
    new CfnResource(stack, 'Group', {
      type: 'AWS::AutoScaling::AutoScalingGroup', properties: { MinSize: '1', MaxSize: '1', LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' } },
    });
    new CfnResource(stack, 'Task', { type: 'AWS::ECS::TaskDefinition', properties: { ContainerDefinitions: [{ Name: 'x', Image: 'x', ResourceRequirements: [{ Type: 'GPU', Value: '1' }] }] } });
    new CfnResource(stack, 'Service', { type: 'AWS::ECS::Service', properties: { TaskDefinition: { Ref: 'Task' }, LaunchType: 'EC2', ServiceName: 'llama' } });
    alarm?.(stack);
    const findings = of('GPU001', synth(app).findings);
    expect(findings.every(f => f.severity === 'warning')).toBe(true);
    return findings.map(f => f.path);
  }
  const watch = (metricName: string, name: string, value: unknown, comparisonOperator = 'LessThanThreshold') => (stack: Stack): void => void new CfnAlarm(stack, 'Alarm', {
    namespace: 'CWAgent', metricName, statistic: 'Average', period: 300, evaluationPeriods: 12, threshold: 35, comparisonOperator, dimensions: [{ name, value: value as string }],
  });
  const UTILIZATION = 'nvidia_smi_utilization_gpu';

  test('a raw Auto Scaling group and an ECS service on GPUs are found', () => {
    expect(raw()).toEqual(['Stack/Group', 'Stack/Service']);
    expect(raw(undefined, 'm7i.large')).toEqual(['Stack/Service']);
  });

  test.each<[string, unknown, object]>([
    ['by a parameter', 'parameter', {}], ['by Fn::Sub', { 'Fn::Sub': '${Type}' }, {}], ['of a family the catalogue leaves out', 'g6f.xlarge', {}], ['of AMD', 'g4ad.xlarge', {}],
    ['by its attributes', undefined, { InstanceRequirements: { VCpuCount: { Min: 4 }, MemoryMiB: { Min: 1 }, AcceleratorTypes: ['gpu'] } }],
  ])('an instance type given %s is found', (_, type, launch) => expect(raw(undefined, type, launch)).toContain('Stack/Group'));

  test.each<[string, (stack: Stack) => void, string[]]>([
    ['the group by reference', watch(UTILIZATION, 'AutoScalingGroupName', { Ref: 'Group' }), ['Stack/Service']],
    ['the group by Fn::Sub', watch(UTILIZATION, 'AutoScalingGroupName', { 'Fn::Sub': '${Group}' }), ['Stack/Service']],
    ['the service by its name', watch(UTILIZATION, 'ServiceName', 'llama'), ['Stack/Group']],
    ['another group', watch(UTILIZATION, 'AutoScalingGroupName', 'another'), ['Stack/Group', 'Stack/Service']],
    ['another dimension', watch(UTILIZATION, 'Whatever', { Ref: 'Group' }), ['Stack/Group', 'Stack/Service']],
    ['the processor', watch('CPUUtilization', 'AutoScalingGroupName', { Ref: 'Group' }), ['Stack/Group', 'Stack/Service']],
    ['the memory', watch('nvidia_smi_utilization_memory', 'AutoScalingGroupName', { Ref: 'Group' }), ['Stack/Group', 'Stack/Service']],
    ['what is high', watch(UTILIZATION, 'AutoScalingGroupName', { Ref: 'Group' }, 'GreaterThanThreshold'), ['Stack/Group', 'Stack/Service']],
  ])('an alarm counts when low utilisation of that very resource sets it off: %s', (_, alarm, found) => expect(raw(alarm)).toEqual(found));
});

test('the cost of a group is carried by the workflows it serves', () => {
  const app = checkedApp();
  const { stack, economics } = declaredStack(app);
  const group = new GpuInferenceGroup(stack, 'Llama', { ...groupProps, purchase: Purchase.onDemand() });
  economics.addWorkflow('OnGpus', workflowProps).servedBy(ModelUse.gpuGroup(group));
  const { report } = synth(app);
  const [onBedrock, onGpus] = report.workflows.map(w => w.scales[0]!);
  // The first workflow is on Bedrock alone: its model cost and nothing of the group.
  expect(onBedrock!.costPerRunUsd.expected).toBe('0.01474');
  expect(Number(onGpus!.costUsd.expected)).toBeGreaterThan(500);
  expect(Number(onGpus!.costUsd.expected)).toBeCloseTo(Number(report.stacks[0]!.monthlyUsd), 6);
});

test('a group of another stack is unknown, not free', () => {
  const app = checkedApp();
  const group = new GpuInferenceGroup(new Stack(app, 'Gpus', { env: { region: 'us-east-1' } }), 'Llama', groupProps);
  const { economics } = declaredStack(app);
  economics.addWorkflow('Elsewhere', workflowProps).servedBy(ModelUse.gpuGroup(group));
  const { findings, report } = synth(app);
  expect(report.verdict).toBe('unknown');
  expect(of('MARGIN002', findings)[0]!.message).toContain('Gpus/Llama is not a GPU group of this stack');
});

