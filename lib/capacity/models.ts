/** Open models that need no look-up: sizes from their config.json, so that the forecast knows weights and KV cache before any download. */
import { ServedModelDeclaration } from '../contracts/gpu-group';
import { InputError } from '../errors';
import { BYTES_PER_WEIGHT, Precision } from './precision';

export type Preset = 'llama31_8b' | 'llama31_70b' | 'llama33_70b' | 'qwen3_8b' | 'qwen3_32b' | 'mistralSmall' | 'gptOss20b' | 'gptOss120b' | 'qwen3Embedding06b';

type Shape = Pick<ServedModelDeclaration, 'name' | 'layers' | 'kvHeads' | 'headDim' | 'maxContextTokens'>;

interface Model extends Shape {
  readonly embeds?: true;
  /** In 1e9. */
  readonly activeParametersBillion: number;
  readonly weightGigabytes: (precision: Precision) => number;
  /** Hub id by precision; the first is the default. */
  readonly sources: Partial<Record<Precision, string>>;
}

/** Quantization leaves the embedding and the output head in 16 bits. Both counts in 1e9 parameters. */
const dense = (parameters: number, embeddingAndHead: number): Pick<Model, 'activeParametersBillion' | 'weightGigabytes'> => ({
  activeParametersBillion: parameters,
  weightGigabytes: precision => (parameters - embeddingAndHead) * BYTES_PER_WEIGHT[precision] + embeddingAndHead * 2,
});

/** A checkpoint that comes in one precision: its size as published, in 1e9 bytes. */
const published = (activeParametersBillion: number, gigabytes: number): Pick<Model, 'activeParametersBillion' | 'weightGigabytes'> =>
  ({ activeParametersBillion, weightGigabytes: () => gigabytes });

const LLAMA_70B = { layers: 80, kvHeads: 8, headDim: 128, maxContextTokens: 131_072, ...dense(70.554, 2.101) };

const MODELS: Record<Preset, Model> = {
  llama31_8b: {
    name: 'llama-3.1-8b-instruct', layers: 32, kvHeads: 8, headDim: 128, maxContextTokens: 131_072, ...dense(8.030, 1.051),
    sources: {
      bf16: 'meta-llama/Llama-3.1-8B-Instruct', fp8: 'RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8', int4: 'RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16',
    },
  },
  llama31_70b: {
    name: 'llama-3.1-70b-instruct', ...LLAMA_70B,
    sources: {
      bf16: 'meta-llama/Llama-3.1-70B-Instruct', fp8: 'RedHatAI/Meta-Llama-3.1-70B-Instruct-FP8', int4: 'RedHatAI/Meta-Llama-3.1-70B-Instruct-quantized.w4a16',
    },
  },
  llama33_70b: {
    name: 'llama-3.3-70b-instruct', ...LLAMA_70B,
    sources: {
      bf16: 'meta-llama/Llama-3.3-70B-Instruct', fp8: 'RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', int4: 'RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16',
    },
  },
  qwen3_8b: {
    name: 'qwen3-8b', layers: 36, kvHeads: 8, headDim: 128, maxContextTokens: 40_960, ...dense(8.191, 1.245),
    sources: { bf16: 'Qwen/Qwen3-8B', fp8: 'Qwen/Qwen3-8B-FP8', int4: 'Qwen/Qwen3-8B-AWQ' },
  },
  qwen3_32b: {
    name: 'qwen3-32b', layers: 64, kvHeads: 8, headDim: 128, maxContextTokens: 40_960, ...dense(32.762, 1.556),
    sources: { bf16: 'Qwen/Qwen3-32B', fp8: 'Qwen/Qwen3-32B-FP8', int4: 'Qwen/Qwen3-32B-AWQ' },
  },
  mistralSmall: {
    name: 'mistral-small-24b-instruct', layers: 40, kvHeads: 8, headDim: 128, maxContextTokens: 32_768, ...dense(23.572, 1.342),
    sources: {
      bf16: 'mistralai/Mistral-Small-24B-Instruct-2501', fp8: 'RedHatAI/Mistral-Small-24B-Instruct-2501-FP8-dynamic',
      int4: 'RedHatAI/Mistral-Small-24B-Instruct-2501-quantized.w4a16',
    },
  },
  // Checkpoints of 12.8 and 60.8 GiB, 3.6 and 5.1 billion active parameters: the gpt-oss model card. Half of the layers
  // look back 128 tokens only; KV cache is counted for all of them, which errs on the safe side.
  gptOss20b: {
    name: 'gpt-oss-20b', layers: 24, kvHeads: 8, headDim: 64, maxContextTokens: 131_072, ...published(3.6, 13.74), sources: { int4: 'openai/gpt-oss-20b' },
  },
  gptOss120b: {
    name: 'gpt-oss-120b', layers: 36, kvHeads: 8, headDim: 64, maxContextTokens: 131_072, ...published(5.1, 65.28), sources: { int4: 'openai/gpt-oss-120b' },
  },
  qwen3Embedding06b: {
    name: 'qwen3-embedding-0.6b', embeds: true, layers: 28, kvHeads: 8, headDim: 128, maxContextTokens: 32_768, ...dense(0.596, 0.155),
    sources: { bf16: 'Qwen/Qwen3-Embedding-0.6B' },
  },
};

export const PRESETS = Object.keys(MODELS) as readonly Preset[];

export const presetPrecisions = (preset: Preset): readonly Precision[] => Object.keys(MODELS[preset].sources) as Precision[];

/** In 16 bits, or the only precision it has, unless told otherwise. */
export function presetModel(preset: Preset, precision: Precision = presetPrecisions(preset)[0]!): ServedModelDeclaration {
  const { sources, embeds, weightGigabytes, ...figures } = MODELS[preset];
  const source = sources[precision];
  if (source === undefined) {
    throw new InputError(`${figures.name} is asked for in ${precision}, and it comes in ${presetPrecisions(preset).join(', ')}; give one of these, or ServedModel.custom with weights of your own.`);
  }
  return {
    ...figures, source, precision, task: embeds ? 'embed' : 'generate', weightGigabytes: Number(weightGigabytes(precision).toFixed(2)),
  };
}

/** Weights in S3 go straight into GPU memory, past the disk and past a NAT gateway. */
export const isStreamed = ({ source }: Pick<ServedModelDeclaration, 'source'>): boolean => source.startsWith('s3://');
