/** A GPU group in the bill: its Auto Scaling groups are sized by the forecast, and the figures are those of a bill made by hand. */
import { GpuGroup, gpuGroupSchema } from '../../../lib/contracts/gpu-group';
import { parseDeclaration } from '../../../lib/economics/declared';
import { groupLoads } from '../../../lib/economics/load';
import { StackCharges } from '../../../lib/estimate/estimate';
import { Template } from '../../../lib/estimate/template';
import { decimal } from '../../../lib/money';
import { PriceBook } from '../../../lib/prices/book';
import { catalogInstance } from '../../../lib/capacity/instances';
import { presetModel } from '../../../lib/capacity/models';

const group = (changes: object = {}): GpuGroup => gpuGroupSchema.parse({
  path: 'S/Llama', model: presetModel('llama31_8b', 'fp8'), instances: [catalogInstance('g6e.xlarge'), catalogInstance('g6e.2xlarge')], maxModelLength: 8_192,
  scaling: { minReplicas: 3, maxReplicas: 3, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 },
  purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
  spotGroup: 'S/Llama/Spot', onDemandGroup: 'S/Llama/OnDemand', coldStartSeconds: 253, ...changes,
});

const asg = (path: string, percent: number, max = 3): Template['Resources'][string] => ({
  Type: 'AWS::AutoScaling::AutoScalingGroup', Metadata: { 'aws:cdk:path': path },
  Properties: {
    MinSize: '0', MaxSize: String(max), MixedInstancesPolicy: {
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: percent },
      LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' } }, Overrides: [{ InstanceType: 'g6e.xlarge' }, { InstanceType: 'g6e.2xlarge' }] },
    },
  },
});
const template: Template = {
  Resources: {
    Template: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { BlockDeviceMappings: [{ Ebs: { VolumeType: 'gp3', VolumeSize: 80 } }] } } },
    Spot: asg('S/Llama/Spot', 0), OnDemand: asg('S/Llama/OnDemand', 100), Other: asg('S/Other', 100, 0),
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Metadata: { 'aws:cdk:path': 'S/Llama/Alarm' } },
  },
};

function bill(own: GpuGroup, multiple = 1, served = true, more: object = {}) {
  const declaration = parseDeclaration({
    version: 1, economics: { targetGrossMarginPercent: 70 }, groups: [own], ...more,
    workflows: [{
      id: 'Ask', revenue: { usdPerRun: 1 }, runsPerMonth: 100_000, callsPerRun: 1, tokensPerCall: { input: 3_200, output: 700 }, peakConcurrency: 60, averageDurationSeconds: 28,
      servedBy: served ? [{ provider: 'gpu-group', model: 'S/Llama', sharePercent: 100 }] : [{ provider: 'openai', model: 'gpt-5-mini', sharePercent: 100 }],
    }],
  }, 'test');
  const book = PriceBook.builtIn();
  return new StackCharges({ name: 'S', region: 'us-east-1', template, declaration }, item => book.lookup(item, 'us-east-1')).priceAt(multiple, undefined, groupLoads(declaration, multiple));
}
const line = (cost: ReturnType<typeof bill>, item: string) => cost.resources.flatMap(r => r.lines).find(l => l.item === item)!;

test('three steady replicas, one of them on demand: the bill made by hand', () => {
  const cost = bill(group());
  // Two replicas for 730 h = 1,460 h, of which 18 % are short: 1,197.2 h on spot at .9971.
  expect(line(cost, 'ec2-spot/g6e.xlarge').monthlyUsd!.expected.toFixed(4)).toBe(decimal('1197.2').times('0.9971').toFixed(4));
  // 60 calls need two replicas, the third is a floor. So on demand 730 + 262.8 h, and on 22 days (253 + 900) s while the second starts: 999.8461 h at 1.861.
  expect(line(cost, 'ec2/g6e.xlarge').monthlyUsd!.expected.toFixed(4)).toBe(decimal(22 * 1153).div(3600).plus('992.8').times('1.861').toFixed(4));
  expect(line(cost, 'ec2-spot/g6e.xlarge').note).toContain('the range includes ec2-spot/g6e.2xlarge at most as on demand');
  expect(line(cost, 'ec2-spot/g6e.xlarge').monthlyUsd!.high.gt(decimal(2 * 730).times('1.861').times('0.69'))).toBe(true);
  expect([cost.undeclared, cost.unserved, cost.unpriced]).toEqual([[], [], []]);
});

test('on demand alone: two steady replicas are 1,460 h, a fraction is no whole instance', () => {
  const steady = bill(group({ scaling: { minReplicas: 2, maxReplicas: 2, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 }, purchase: { kind: 'onDemand' }, spotGroup: undefined }));
  expect(line(steady, 'ec2/g6e.xlarge').monthlyUsd!.expected.toFixed()).toBe(decimal(1460).times('1.861').toFixed());
  const scaled = bill(group({ scaling: { minReplicas: 1, maxReplicas: 2, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 }, purchase: { kind: 'onDemand' }, spotGroup: undefined }));
  const hours = line(scaled, 'ec2/g6e.xlarge').quantity!.expected.toNumber();
  expect(hours).toBeGreaterThan(730);
  expect(hours).toBeLessThan(800);
});

test('what belongs to the group is told apart, and what its maximum cannot hold is told once', () => {
  const cost = bill(group(), 2);
  const ofGroup = cost.resources.filter(r => r.path.startsWith('S/Llama/')).flatMap(r => r.lines).reduce((sum, l) => sum.plus(l.monthlyUsd!.expected), decimal(0));
  expect(cost.groupsUsd.get('S/Llama')!.expected.toFixed()).toBe(ofGroup.toFixed());
  // 120 calls at twice the peak, three replicas of 32.
  expect(cost.unserved.map(u => [u.path, u.calls.toFixed()])).toEqual([['S/Llama/OnDemand', '24']]);
});

test('a group that no workflow is served by is of unknown size', () => {
  const cost = bill(group({ scaling: { minReplicas: 1, maxReplicas: 3, targetConcurrencyPerReplica: 32, idleHoldSeconds: 900 } }), 1, false);
  expect(cost.undeclared.map(u => u.what)).toContain('how many replicas run (1 to 3; no workflow of this stack is served by S/Llama)');
});

test('a capacity declared for what the group sizes counts nowhere, and is told', () => {
  const cost = bill(group(), 1, true, { capacity: [{ resource: 'S/Llama/Spot', concurrencyPerReplica: 1 }] });
  expect(cost.unmatched).toEqual([{ path: 'S/Llama/Spot', what: 'capacity' }]);
  expect(cost.monthlyUsd.expected.toFixed()).toBe(bill(group()).monthlyUsd.expected.toFixed());
});
