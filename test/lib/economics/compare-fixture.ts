/** A stack with a GPU group that is easy to compute by hand: two fixed replicas on demand, and a key that is not the group's. */
import { Declaration, DeclarationInput } from '../../../lib/contracts/declaration';
import { Alternatives } from '../../../lib/economics/compare/variants';
import { parseDeclaration } from '../../../lib/economics/declared';
import { StackTemplate } from '../../../lib/estimate/estimate';
import { Template } from '../../../lib/estimate/template';
import { WORKFLOW } from './declared';

export const GROUP = 'App/Llama';
type GroupInput = NonNullable<DeclarationInput['groups']>[number];
type WorkflowInput = NonNullable<DeclarationInput['workflows']>[number];

/** 90 % of 22,888 MiB less 9.08 and 3.5 GB leave 68,820 tokens of 128 KiB: 57 calls of 1,200. */
export const group = (changes: Partial<GroupInput> = {}): GroupInput => ({
  path: GROUP,
  model: {
    name: 'llama-3.1-8b', source: 'example/llama', task: 'generate', precision: 'fp8', weightGigabytes: 9.08, activeParametersBillion: 8.03,
    layers: 32, kvHeads: 8, headDim: 128, maxContextTokens: 131_072,
  },
  instances: [{
    type: 'g6.xlarge', gpu: 'l4', gpus: 1, memoryMib: 22_888, bandwidthGigabytesPerSecond: 300, teraflops: { bf16: 121, fp8: 242 }, architecture: 'x86_64',
  }],
  maxModelLength: 8_192,
  scaling: { minReplicas: 2, maxReplicas: 2, targetConcurrencyPerReplica: 256, idleHoldSeconds: 900 },
  purchase: { kind: 'onDemand' },
  onDemandGroup: `${GROUP}/Fleet/ASG`,
  coldStartSeconds: 300,
  ...changes,
});

const at = (path: string) => ({ 'aws:cdk:path': path });

/** Beside two g6.xlarge at .8048 an hour (1,175.008 a month) the group has a secret at .40; the key costs 1.00. */
export const resources = (path = GROUP): Template['Resources'] => ({
  Key: { Type: 'AWS::KMS::Key', Properties: {}, Metadata: at('App/Key') },
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: {}, Metadata: at(`${path}/ApiKey`) },
  Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'g6.xlarge', ImageId: 'ami-1' } }, Metadata: at(`${path}/Fleet/Launch`) },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup', Metadata: at(`${path}/Fleet/ASG`),
    Properties: { MinSize: '0', MaxSize: '2', LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: '1' } },
  },
});

/** A run on Haiku costs .0022, on groq's llama-3.1-8b-instant .000066. */
export const workflow = (changes: Partial<WorkflowInput> = {}): WorkflowInput => ({
  ...WORKFLOW, revenue: { usdPerRun: 0.02 }, peakConcurrency: 2, servedBy: [{ provider: 'gpu-group', model: GROUP, sharePercent: 100 }], ...changes,
});

/** 10 hours of people at 50; 10x the usage on 10x the revenue. */
export const declaration = (changes: Partial<DeclarationInput> = {}): DeclarationInput => ({
  version: 1,
  pricingRegion: 'us-east-1',
  economics: { targetGrossMarginPercent: 60, engineering: { hoursPerMonth: 10, hourlyUsd: 50 } },
  workflows: [workflow()],
  groups: [group()],
  usage: [
    { resource: 'App/Key', quantities: { 'kms/request': 0 } },
    { resource: GROUP, quantities: { 'secrets-manager/request': 0, 'ebs/gp3-storage': 0 } },
  ],
  ...changes,
});

export const stackOf = (changes: Partial<DeclarationInput> = {}, Resources: Template['Resources'] = resources()): StackTemplate =>
  ({ name: 'App', region: 'us-east-1', template: { Resources }, declaration: parsed(changes) });

const parsed = (changes: Partial<DeclarationInput>): Declaration => parseDeclaration(declaration(changes), 'the test');

export const HAIKU_NAME = { provider: 'aws', model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0' };
export const GROQ_NAME = { provider: 'groq', model: 'llama-3.1-8b-instant' };
/** Own GPUs take 4 hours more: 200 a month. */
export const ASKED: Alternatives = { managed: HAIKU_NAME, hosted: GROQ_NAME, premiumSharePercent: 20, peopleHoursPerMonth: 4 };
