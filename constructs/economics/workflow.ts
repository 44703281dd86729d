import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ModelUseDeclaration, WorkflowDeclaration, modelUseSchema, workflowSchema } from '../../lib/contracts/declaration';
import { workflowProblems } from '../../lib/economics/declared';
import { InputError } from '../../lib/errors';
import { ModelUse } from './model-use';
import { HOLDS_WORKFLOWS, render } from './render';
import { Revenue } from './revenue';

/** Tokens of one model call, on average. */
export interface TokensPerCall {
  /** Input tokens, with those read from and written to the provider's prompt cache. */
  readonly input: number;
  /** Output tokens. */
  readonly output: number;
  /**
   * Input tokens read from the provider's prompt cache.
   *
   * @default 0
   */
  readonly cacheRead?: number;
  /**
   * Input tokens written to the provider's prompt cache.
   *
   * @default 0
   */
  readonly cacheWrite?: number;
}

/** How far the declared averages may be off, in percent to either side, until metering replaces them. */
export interface Uncertainty {
  /**
   * Percent of doubt about input tokens per call, below 100.
   *
   * @default 20
   */
  readonly inputPercent?: number;
  /**
   * Percent of doubt about output tokens per call, below 100.
   *
   * @default 20
   */
  readonly outputPercent?: number;
  /**
   * Percent of doubt about calls per run, below 100.
   *
   * @default 10
   */
  readonly callsPercent?: number;
}

/** What a workflow earns and uses. */
export interface WorkflowProps {
  /** What a run, or a seat, earns. */
  readonly revenue: Revenue;
  /** Runs a month at 1x, above 0. */
  readonly runsPerMonth: number;
  /**
   * Model calls of one run, above 0.
   *
   * @default 1
   */
  readonly callsPerRun?: number;
  /** Tokens of one call on average. */
  readonly tokensPerCall: TokensPerCall;
  /** Calls in flight at the busiest moment at 1x; by Little's law no less than runs x calls x duration over a month. */
  readonly peakConcurrency: number;
  /** How long one model call takes on average. */
  readonly averageDuration: Duration;
  /**
   * How far the averages may be off.
   *
   * @default - 20 % on tokens and 10 % on calls
   */
  readonly uncertainty?: Uncertainty;
  /**
   * Share of calls that a response cache answers, in percent below 100.
   *
   * @default 0
   */
  readonly responseCacheHitPercent?: number;
  /**
   * The slowest answer in twenty may take this long, in seconds.
   *
   * @default - no latency objective and no latency alarm
   */
  readonly maxP95LatencySeconds?: number;
  /**
   * Share of the stack's common cost this workflow carries, relative to the other workflows' weights.
   *
   * @default 1
   */
  readonly fixedCostWeight?: number;
  /**
   * The product feature this workflow belongs to; a tag and a column.
   *
   * @default - none
   */
  readonly feature?: string;
  /**
   * Target gross margin of this workflow, in percent below 100.
   *
   * @default - the target of the UnitEconomics
   */
  readonly targetGrossMarginPercent?: number;
}

/** Options for who serves a workflow. */
export interface ServedByOptions {
  /**
   * Share of the workflow's model calls, in percent; all shares of a workflow add up to 100.
   *
   * @default 100
   */
  readonly sharePercent?: number;
}

/** What a customer pays for, such as "draft a note". Made by `UnitEconomics.addWorkflow`. */
export class Workflow extends Construct {
  /** The product feature, if declared. */
  public readonly feature?: string;
  /** The latency objective in seconds, if declared. */
  public readonly maxP95LatencySeconds?: number;

  private readonly declared: WorkflowDeclaration;
  private readonly uses: { readonly use: ModelUse; readonly declared: ModelUseDeclaration }[] = [];

  public constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id);
    if (!Object.hasOwn(scope, HOLDS_WORKFLOWS)) {
      throw new InputError(`${this.node.path}: a workflow outside of UnitEconomics would be in no forecast; make it with economics.addWorkflow(...).`);
    }
    this.feature = props.feature;
    this.maxP95LatencySeconds = props.maxP95LatencySeconds;
    this.declared = render(this, workflowSchema, {
      id,
      path: this.node.path,
      feature: props.feature,
      revenue: props.revenue._render(),
      targetGrossMarginPercent: props.targetGrossMarginPercent,
      runsPerMonth: props.runsPerMonth,
      callsPerRun: props.callsPerRun ?? 1,
      tokensPerCall: { ...props.tokensPerCall },
      uncertaintyPercent: {
        input: props.uncertainty?.inputPercent, output: props.uncertainty?.outputPercent, calls: props.uncertainty?.callsPercent,
      },
      responseCacheHitPercent: props.responseCacheHitPercent,
      peakConcurrency: props.peakConcurrency,
      averageDurationSeconds: props.averageDuration.toSeconds({ integral: false }),
      maxP95LatencySeconds: props.maxP95LatencySeconds,
      fixedCostWeight: props.fixedCostWeight,
    });
    const [problem] = workflowProblems(this.declared);
    if (problem) throw new InputError(problem);
  }

  /** Declares a model that serves a share of this workflow's calls. */
  public servedBy(use: ModelUse, options: ServedByOptions = {}): void {
    this.uses.push({ use, declared: render(this, modelUseSchema, use._render(options.sharePercent ?? 100)) });
  }

  /** The models that serve this workflow, in the order they were declared. */
  public get models(): ModelUse[] {
    return this.uses.map(({ use }) => use);
  }

  /** @internal */
  public _render(): WorkflowDeclaration {
    return { ...this.declared, servedBy: this.uses.map(({ declared }) => declared) };
  }
}
