import { GPU_GROUP, ModelUseDeclaration } from '../../lib/contracts/declaration';
import { IGpuInferenceGroup } from '../inference/gpu-inference-group-props';

/** How a provider serves a call. Only standard prices are in the token price list; others need a price override. */
export enum ServiceTier {
  /** On demand, as listed. */
  STANDARD = 'standard',
  /** In batches, later and cheaper. */
  BATCH = 'batch',
  /** On demand with slack latency. */
  FLEX = 'flex',
  /** On demand with preference. */
  PRIORITY = 'priority',
}

/** Options of a model use. */
export interface ModelUseOptions {
  /**
   * How the provider serves the calls.
   *
   * @default ServiceTier.STANDARD
   */
  readonly serviceTier?: ServiceTier;
  /**
   * Whether this is a premium model, for the calls that need it.
   *
   * @default false
   */
  readonly premium?: boolean;
  /**
   * Tokens a minute (input and output) that the provider's quota allows this account.
   *
   * @default - not declared; the report says so instead of calling the peak served
   */
  readonly quotaTokensPerMinute?: number;
}

/** A model that serves a workflow's calls, priced per token or, on a GPU group, by the hours of its instances. */
export class ModelUse {
  /**
   * A model of Amazon Bedrock.
   *
   * @param modelId Id of a system inference profile (`us.`, `eu.`, `global.`, ...) or, for older models, the bare model id.
   */
  public static bedrock(modelId: string, options: ModelUseOptions = {}): ModelUse {
    return new ModelUse('aws', modelId, options);
  }

  /**
   * A model behind any other API.
   *
   * @param provider Provider id of the token price list, such as `openai`, `anthropic`, `groq`.
   * @param model The provider's model id.
   */
  public static api(provider: string, model: string, options: ModelUseOptions = {}): ModelUse {
    return new ModelUse(provider, model, options);
  }

  /** The model of a GPU group in the same stack. The workflows it serves carry its cost by their calls in flight at the peak. */
  public static gpuGroup(group: IGpuInferenceGroup): ModelUse {
    return new ModelUse(GPU_GROUP, group.node.path, {});
  }

  private constructor(
    /** Provider id of the token price list; `aws` for Bedrock, `gpu-group` for a GPU group. */
    public readonly provider: string,
    /** The provider's model id; of a GPU group its construct path. */
    public readonly model: string,
    private readonly options: ModelUseOptions,
  ) {}

  /** Whether Amazon Bedrock serves it. */
  public get isBedrock(): boolean {
    return this.provider === 'aws';
  }

  /** @internal */
  public _render(sharePercent: number): ModelUseDeclaration {
    const { serviceTier = ServiceTier.STANDARD, premium = false, quotaTokensPerMinute } = this.options;
    return { provider: this.provider, model: this.model, serviceTier, premium, sharePercent, quotaTokensPerMinute };
  }
}
