import { NestedStack, Stack } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';
import {
  CapacityDeclaration, Declaration, UsageDeclaration, capacitySchema, declarationSchema, usageSchema,
} from '../../lib/contracts/declaration';
import { InputError } from '../../lib/errors';
import { PriceOverride, PriceSource } from './price-override';
import { ModelUse } from './model-use';
import { HOLDS_WORKFLOWS, render } from './render';
import { StackDeclaration, keepPaths } from './stack-declaration';
import { Workflow, WorkflowProps } from './workflow';

/** The growth the margin must survive. */
export interface Growth {
  /**
   * Usage at growth as a multiple of today's, 1 or more.
   *
   * @default 10
   */
  readonly usageMultiple?: number;
  /**
   * Revenue at that usage as a multiple of today's; below usageMultiple when large customers pay less per run.
   *
   * @default - as usageMultiple
   */
  readonly revenueMultiple?: number;
  /**
   * Growth of usage in percent a month; turns the multiple into the month in which the target breaks.
   *
   * @default - the month is not told
   */
  readonly monthlyPercent?: number;
}

/** People who keep it running. They are shown apart: headline, verdict and gate are without them. */
export interface Engineering {
  /** Hours a month. */
  readonly hoursPerMonth: number;
  /** USD an hour, with everything. */
  readonly hourlyUsd: number;
}

/** What hosting an open model on own instances would take, to compare with. */
export interface SelfHosting {
  /** GPU instance type of one replica. */
  readonly instanceType: InstanceType;
  /** Output tokens per second of one replica at its target concurrency. */
  readonly tokensPerSecondPerReplica: number;
  /** Calls in flight of one replica at its target concurrency. */
  readonly concurrencyPerReplica: number;
  /**
   * How far the throughput may be off, in percent.
   *
   * @default 50
   */
  readonly throughputUncertaintyPercent?: number;
  /**
   * Replicas kept for availability.
   *
   * @default 2
   */
  readonly minReplicas?: number;
  /**
   * Engineering hours a month that own hosting takes, at the hourly rate of `engineering`.
   *
   * @default 20
   */
  readonly engineeringHoursPerMonth?: number;
  /**
   * The same open model hosted by a provider, the fairer comparison.
   *
   * @default - only compared with the declared models
   */
  readonly hosted?: ModelUse;
}

/** Money off the bill that is not tied to an item. */
export interface Credit extends PriceSource {
  /** USD a month, above 0. */
  readonly monthlyUsd: number;
}

/** Props of UnitEconomics. */
export interface UnitEconomicsProps {
  /** Gross margin to hold, in percent below 100. */
  readonly targetGrossMarginPercent: number;
  /**
   * The growth the margin must survive.
   *
   * @default - 10x the usage on 10x the revenue
   */
  readonly growth?: Growth;
  /**
   * People who keep it running.
   *
   * @default - not counted
   */
  readonly engineering?: Engineering;
  /**
   * Own hosting to compare the model APIs with.
   *
   * @default - no break-even
   */
  readonly selfHosting?: SelfHosting;
  /**
   * Region whose prices hold when the stack names none.
   *
   * @default - prices of a stack without a region are unknown
   */
  readonly pricingRegion?: string;
  /**
   * Prices by declaration.
   *
   * @default - the price book's
   */
  readonly priceOverrides?: PriceOverride[];
  /**
   * Credits; they reduce the common cost and never below nothing.
   *
   * @default - none
   */
  readonly credits?: Credit[];
}

/** Usage of a resource that a template cannot tell. */
export interface DeclaredUsage {
  /**
   * Price item -> quantity a month at 1x, in the item's unit, as the report lists them; 0 is a declaration too.
   * `data-transfer/internet-out`, `data-transfer/inter-az` and items of your own (`custom/...`) fit any resource.
   */
  readonly quantities: { [item: string]: number };
  /**
   * Whether the quantities grow with usage.
   *
   * @default true
   */
  readonly grows?: boolean;
}

/** What one replica of a group can hold, so that the group is sized for the peak at every scale. */
export interface DeclaredCapacity {
  /** Calls in flight of one replica. */
  readonly concurrencyPerReplica: number;
  /**
   * Replicas kept for availability whatever the load.
   *
   * @default 1
   */
  readonly highlyAvailableReplicas?: number;
}

/** What a stack earns and uses; one per stack. Writes the declaration into the template's metadata, where every check reads it. */
export class UnitEconomics extends Construct {
  /** Target gross margin in percent. */
  public readonly targetGrossMarginPercent: number;

  private readonly base: Declaration;
  private readonly usage: UsageDeclaration[] = [];
  private readonly capacity: CapacityDeclaration[] = [];

  public constructor(scope: Construct, id: string, props: UnitEconomicsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    if (NestedStack.isNestedStack(stack)) {
      throw new InputError(`${this.node.path}: put UnitEconomics into the parent stack; the cost of nested stacks is counted there.`);
    }
    Object.defineProperty(this, HOLDS_WORKFLOWS, { value: true });
    const other = stack.node.findAll().find(c => Object.hasOwn(c, HOLDS_WORKFLOWS) && c !== this);
    if (other) throw new InputError(`${this.node.path}: stack ${stack.node.path} already has UnitEconomics at ${other.node.path}; one per stack.`);

    this.targetGrossMarginPercent = props.targetGrossMarginPercent;
    this.base = render(this, declarationSchema, {
      version: 1,
      pricingRegion: props.pricingRegion,
      economics: {
        path: this.node.path,
        targetGrossMarginPercent: props.targetGrossMarginPercent,
        growth: { ...props.growth },
        engineering: props.engineering && { ...props.engineering },
        selfHosting: props.selfHosting && renderSelfHosting(props.selfHosting),
      },
      priceOverrides: props.priceOverrides?.map(o => o._render()),
      credits: props.credits?.map(c => ({ ...c })),
    });
    StackDeclaration.of(this).setEconomics(() => this._render());
  }

  /** Declares a workflow: what it earns and uses. */
  public addWorkflow(id: string, props: WorkflowProps): Workflow {
    return new Workflow(this, id, props);
  }

  /** The workflows in the order they were added. */
  public get workflows(): Workflow[] {
    return this.node.children.filter(child => child instanceof Workflow);
  }

  /**
   * Declares what a resource uses a month. On a construct with several resources below it, each that is charged for an
   * item uses the whole quantity. The most specific declaration of an item counts, then the last.
   */
  public declareUsage(resource: IConstruct, usage: DeclaredUsage): void {
    keepPaths(resource);
    this.usage.push(render(this, usageSchema, { resource: resource.node.path, quantities: { ...usage.quantities }, grows: usage.grows }));
  }

  /** Declares what one replica of an Auto Scaling group or ECS service can hold. */
  public declareCapacity(resource: IConstruct, capacity: DeclaredCapacity): void {
    keepPaths(resource);
    this.capacity.push(render(this, capacitySchema, { resource: resource.node.path, ...capacity }));
  }

  /** @internal */
  public _render(): Declaration {
    return { ...this.base, workflows: this.workflows.map(w => w._render()), usage: this.usage, capacity: this.capacity };
  }
}

const renderSelfHosting = ({ instanceType, hosted, ...numbers }: SelfHosting): unknown => ({
  ...numbers,
  instanceType: instanceType.toString(),
  hosted: hosted && { provider: hosted.provider, model: hosted.model },
});
