/** The smallest stack with a GPU group; each test changes what it is about. */
import { Stack } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Template } from 'aws-cdk-lib/assertions';
import { GpuInferenceGroup, GpuInferenceGroupProps, ModelPreset, Precision, ServedModel } from '../../../constructs';
import { US_EAST_1, quietApp } from '../fixture';

export const types = (...names: string[]): InstanceType[] => names.map(name => new InstanceType(name));

export const groupProps: GpuInferenceGroupProps = {
  model: ServedModel.preset(ModelPreset.LLAMA_3_1_8B, { weights: Precision.FP8 }),
  instanceTypes: types('g6e.xlarge', 'g6e.2xlarge'),
  scaling: { maxReplicas: 40, targetConcurrencyPerReplica: 32 },
};

export const emptyStack = (): Stack => new Stack(quietApp(), 'Stack', US_EAST_1);

export function grouped(changes: Partial<GpuInferenceGroupProps> = {}): { stack: Stack; group: GpuInferenceGroup; template: () => Template } {
  const stack = emptyStack();
  const group = new GpuInferenceGroup(stack, 'Llama', { ...groupProps, ...changes });
  return { stack, group, template: () => Template.fromStack(stack) };
}
