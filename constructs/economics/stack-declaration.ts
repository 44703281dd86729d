/** The one writer of a stack's `Metadata.AiMargin`: what its constructs declare, each for itself, joined at synth. */
import { Aspects, CfnResource, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { METADATA_KEY } from '../../lib/assembly/stack';
import { Declaration, emptyDeclaration } from '../../lib/contracts/declaration';
import { inconsistencies } from '../../lib/economics/declared';

const DECLARATION = Symbol.for('cdk-ai-margin.StackDeclaration');

type Part = () => Pick<Declaration, 'usage' | 'groups'>;

export class StackDeclaration {
  /** Of the stack a construct is in; what is nested is declared in the parent, where its cost is counted. */
  public static of(scope: IConstruct): StackDeclaration {
    let stack = Stack.of(scope);
    while (NestedStack.isNestedStack(stack)) stack = stack.nestedStackParent!;
    const found: unknown = Reflect.get(stack, DECLARATION);
    return found ? found as StackDeclaration : new StackDeclaration(stack);
  }

  private economicsPart: () => Declaration = emptyDeclaration;
  private readonly parts: Part[] = [];

  private constructor(stack: Stack) {
    Object.defineProperty(stack, DECLARATION, { value: this });
    stack.node.addValidation({ validate: () => inconsistencies(this.joined()) });
    stack.addMetadata(METADATA_KEY, Lazy.any({ produce: () => this.joined() }));
  }

  /** What UnitEconomics declares; asked anew each time, because workflows are added later. */
  public setEconomics(part: () => Declaration): void {
    this.economicsPart = part;
  }

  /** `part` is asked at synth, when everything has been declared. */
  public add(part: Part): void {
    this.parts.push(part);
  }

  /** What is declared so far of money and workflows, on which other parts depend. */
  public economics(): Declaration {
    return this.economicsPart();
  }

  private joined(): Declaration {
    const parts = this.parts.map(part => part());
    const economics = this.economicsPart();
    return {
      ...economics,
      // What somebody declares by hand counts among equals, so it comes last.
      usage: [...parts.flatMap(part => part.usage), ...economics.usage],
      groups: [...economics.groups, ...parts.flatMap(part => part.groups)],
    };
  }
}

/** Declarations find their resources by construct path, also in an app that switched path metadata off. */
export function keepPaths(resource: IConstruct): void {
  Aspects.of(resource).add({
    visit: node => {
      if (CfnResource.isCfnResource(node)) node.addMetadata('aws:cdk:path', node.node.path);
    },
  });
}
