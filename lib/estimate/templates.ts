/** The template of a stack and those of the stacks nested in it, as rules read them. */
import { StackTemplate } from './estimate';
import { Resolver } from './intrinsics';
import { ResourceIndex } from './resource';
import { Template } from './template';

export function templatesOf({ template, region, nested }: StackTemplate): ResourceIndex[] {
  const seen = new Set<Template>();
  const visit = (current: Template): ResourceIndex[] => {
    if (seen.has(current)) return [];
    seen.add(current);
    const index = new ResourceIndex(current, new Resolver({ template: current, region }));
    const below = index.ofType('AWS::CloudFormation::Stack').flatMap(stack => nested?.(current, stack.logicalId) ?? []);
    return [index, ...below.flatMap(visit)];
  };
  return visit(template);
}
