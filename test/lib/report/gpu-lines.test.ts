/** What the report says of a GPU group's replica: which of its three bounds holds it, and what of that is known. */
import { presetModel } from '../../../lib/capacity/models';
import { gpuLines } from '../../../lib/report/gpu-lines';
import { Template } from '../../../lib/estimate/template';
import { catalogInstance } from '../../../lib/capacity/instances';
import { example } from '../capacity/groups';
import { declare, forecast } from '../economics/declared';

function replicaLine(tokensPerCall: { input: number; output: number }, changes: Parameters<typeof example>[0] = {}): string {
  const group = example(changes);
  const declaration = declare({ servedBy: [{ provider: 'gpu-group', model: group.path, sharePercent: 100 }], tokensPerCall }, {}, { groups: [group] });
  return gpuLines(forecast(declaration))[0]!;
}
const target = (targetConcurrencyPerReplica: number) => ({ ...example().scaling, targetConcurrencyPerReplica });

test.each<[string, () => string, RegExp]>([
  ['its target', () => replicaLine({ input: 3200, output: 700 }), /holds 32 calls a replica \(its target; memory holds [\d,]+ tokens\)/],
  ['memory', () => replicaLine({ input: 3200, output: 700 }, { model: presetModel('llama31_8b'), instances: [catalogInstance('g6.xlarge')!], maxModelLength: 8192 }),
    /holds 3 calls a replica \(what memory for 15,\d{3} tokens holds\)/],
  ['the batch', () => replicaLine({ input: 50, output: 50 }, { scaling: target(300) }), /holds 256 calls a replica \(what vLLM takes into one batch; memory holds [\d,]+ tokens\)/],
])('bound by %s', (_, line, expected) => expect(line()).toMatch(expected));

test('measured or not, it says so', () => {
  const measured = [{ concurrency: 32, tokensPerSecond: 900, inputTokensPerCall: 3200, outputTokensPerCall: 700 }];
  expect(replicaLine({ input: 3200, output: 700 }, { measured })).toContain('900 tokens a second (720..1,080, +-20 %, 1 measured point), 25 s a call.');
  expect(replicaLine({ input: 3200, output: 700 })).toContain('+-50 %, not measured, from the data sheet');
});

test('a cost that nobody knows is no $0, and one that is known in part is a floor', () => {
  const group = example({ spotGroup: 'S/Spot', onDemandGroup: 'S/OnDemand' });
  const declaration = declare({ servedBy: [{ provider: 'gpu-group', model: group.path, sharePercent: 100 }] }, {}, { groups: [group] });
  const asg = (path: string, percent: number, type: string) => ({
    Type: 'AWS::AutoScaling::AutoScalingGroup', Metadata: { 'aws:cdk:path': `${group.path}/${path}` },
    Properties: { MinSize: '0', MaxSize: '40', MixedInstancesPolicy: {
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: percent },
      LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'T' } }, Overrides: [{ InstanceType: type }] },
    } },
  });
  const launch = { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { BlockDeviceMappings: [] } } };
  const lines = (resources: Template['Resources']): string[] => gpuLines(forecast(declaration, resources)).slice(1);
  expect(lines({ T: launch, A: asg('A', 100, 'x99.huge') })[0]).toMatch(/a month, cost unknown\.$/);
  expect(lines({ T: launch, A: asg('A', 100, 'x99.huge'), Key: { Type: 'AWS::KMS::Key', Metadata: { 'aws:cdk:path': `${group.path}/Key` } } })[0]).toMatch(/a month, at least \$1\.00\.$/);
  expect(lines({ T: launch, A: asg('A', 100, 'g6e.xlarge') })[0]).toMatch(/a month, \$[\d,.]+ \(\$/);
});
