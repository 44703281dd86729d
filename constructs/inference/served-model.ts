import { IBucket } from 'aws-cdk-lib/aws-s3';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { ServedModelDeclaration, servedModelSchema } from '../../lib/contracts/gpu-group';
import { presetModel } from '../../lib/capacity/models';
import { InputError, parseWith } from '../../lib/errors';

/** In which precision weights lie in GPU memory. */
export enum Precision {
  /** 16 bits. */
  BF16 = 'bf16',
  /** 8 bits: half the memory, and faster where the GPU has fp8 units (L4, L40S, H100 and later). */
  FP8 = 'fp8',
  /** 4 bits. */
  INT4 = 'int4',
}

/** Open models whose figures the library knows. */
export enum ModelPreset {
  /** Llama 3.1 8B Instruct; in 16 bits it is gated: give `WeightsSource.hub(id, token)`. */
  LLAMA_3_1_8B = 'llama31_8b',
  /** Llama 3.1 70B Instruct; in 16 bits it is gated. */
  LLAMA_3_1_70B = 'llama31_70b',
  /** Llama 3.3 70B Instruct; in 16 bits it is gated. */
  LLAMA_3_3_70B = 'llama33_70b',
  /** Qwen3 8B. */
  QWEN3_8B = 'qwen3_8b',
  /** Qwen3 32B. */
  QWEN3_32B = 'qwen3_32b',
  /** Mistral Small 3, 24B. */
  MISTRAL_SMALL = 'mistralSmall',
  /** gpt-oss-20b, a mixture of experts; its only precision is 4 bits. */
  GPT_OSS_20B = 'gptOss20b',
  /** gpt-oss-120b, a mixture of experts; its only precision is 4 bits. */
  GPT_OSS_120B = 'gptOss120b',
  /** Qwen3 Embedding 0.6B: makes embeddings instead of text. */
  QWEN3_EMBEDDING_06B = 'qwen3Embedding06b',
}

/** Where weights come from. */
export class WeightsSource {
  /**
   * A model hub. Every new replica downloads the weights, through a NAT gateway if the subnets are private.
   *
   * @param id Id on the hub, such as `Qwen/Qwen3-8B`.
   * @param token Secret that holds the hub's access token; gated models (Llama, Mistral) need one.
   */
  public static hub(id: string, token?: ISecret): WeightsSource {
    return new WeightsSource(id, id, undefined, token);
  }

  /**
   * A bucket, streamed straight into GPU memory: the fastest start, and no hub at run time.
   *
   * @param prefix Folder of the safetensors files, without a slash at either end.
   */
  public static s3(bucket: IBucket, prefix: string): WeightsSource {
    if (prefix === '' || prefix.startsWith('/') || prefix.endsWith('/')) {
      throw new InputError(`WeightsSource.s3: the prefix is "${prefix}"; give the folder of the weights without a slash at either end, such as llama-3.1-8b.`);
    }
    return new WeightsSource(`s3://${bucket.node.path}/${prefix}`, bucket.s3UrlForObject(prefix), { bucket, prefix }, undefined);
  }

  private constructor(
    /** @internal */ public readonly _declared: string,
    /** @internal */ public readonly _argument: string,
    /** @internal */ public readonly _objects: { readonly bucket: IBucket; readonly prefix: string } | undefined,
    /** @internal */ public readonly _token: ISecret | undefined,
  ) {}
}

/** Options of a model that is known to the library. */
export interface ServedModelOptions {
  /**
   * Precision of the weights.
   *
   * @default Precision.BF16; the only one a model has where it comes in one
   */
  readonly weights?: Precision;
  /**
   * Where the weights come from; they must be of the model and precision named.
   *
   * @default - a well-known publisher of that precision on the hub, without a token
   */
  readonly source?: WeightsSource;
}

/** A model the library does not know; the figures are in the model's config.json. */
export interface CustomModelProps {
  /** Name clients give as `model`. */
  readonly name: string;
  /** Where the weights come from. */
  readonly source: WeightsSource;
  /** Precision of the weights. */
  readonly weights: Precision;
  /** The whole checkpoint, in GB of 1e9 bytes. */
  readonly weightGigabytes: number;
  /** Parameters that one token passes through, in 1e9: all of them, or fewer in a mixture of experts. */
  readonly activeParametersBillion: number;
  /** num_hidden_layers. */
  readonly layers: number;
  /** num_key_value_heads. */
  readonly kvHeads: number;
  /** head_dim, or hidden_size / num_attention_heads. */
  readonly headDim: number;
  /** max_position_embeddings. */
  readonly maxContextTokens: number;
  /**
   * Whether it makes embeddings instead of text.
   *
   * @default false
   */
  readonly embedding?: boolean;
}

/** An open model served by vLLM. */
export class ServedModel {
  /** A model whose figures the library knows. */
  public static preset(preset: ModelPreset, options: ServedModelOptions = {}): ServedModel {
    const known = presetModel(`${preset}`, options.weights);
    const source = options.source ?? WeightsSource.hub(known.source);
    return new ServedModel({ ...known, source: source._declared }, source);
  }

  /** Any other model vLLM serves. */
  public static custom(props: CustomModelProps): ServedModel {
    const { source, weights, embedding = false, ...figures } = props;
    const declared = parseWith(servedModelSchema, {
      ...figures, source: source._declared, precision: weights, task: embedding ? 'embed' : 'generate',
    }, `ServedModel.custom(${props.name})`);
    return new ServedModel(declared, source);
  }

  private constructor(
    private readonly declared: ServedModelDeclaration,
    /** Where its weights come from. */
    public readonly source: WeightsSource,
  ) {}

  /** Name clients give as `model`. */
  public get name(): string {
    return this.declared.name;
  }

  /** @internal */
  public _render(): ServedModelDeclaration {
    return this.declared;
  }
}
