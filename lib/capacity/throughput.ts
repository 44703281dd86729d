/** Tokens a second of one replica and how sure that is: a formula from the data sheet, or what somebody measured. */
import { GpuGroup, GpuInstance, ServedModelDeclaration } from '../contracts/gpu-group';
import { InputError } from '../errors';
import { CallShape } from './call-shape';
import { fitOn, kvBytes } from './fit';
import { measuredProblem } from './measured-problem';
import { measuredRate } from './measured-rate';
import { BYTES_PER_WEIGHT } from './precision';
import { batchOfGroup } from './vllm-batch';

export interface Throughput {
  /** Generated tokens; of an embedding model, input tokens. */
  readonly tokensPerSecond: { readonly low: number; readonly expected: number; readonly high: number };
  readonly uncertaintyPercent: number;
  /** Where the figure comes from, in a few words. */
  readonly source: string;
  /** From the call's arrival to its last token, waiting for a place included, at the expected rate. */
  readonly secondsPerCall: number;
}

/**
 * Shares of the data sheet's bandwidth and TFLOPS that vLLM reaches, and the fixed time of a layer: fitted to points that
 * aiconfigurator publishes (Llama 3.1 70B and gpt-oss-120b on H100 and H200), 7.5 % off in sample, 7.7 % on H200 and
 * 11.6 % on B200 held out. With this code, 543 of all its 567 vLLM points are within 50 %, which is what is stated; the
 * median is 10 % off. Llama 3.1 8B in FP8 on H200 comes out 46 % too slow at the median of its 21 points, with short
 * answers the most.
 */
const BANDWIDTH_EFFICIENCY = 0.90;
const COMPUTE_EFFICIENCY = 0.35;
const SECONDS_PER_LAYER = 40e-6;
const UNCALIBRATED_PERCENT = 50;

/** Of the first instance type, which is the expected one. */
export function throughputOf({ model, instances, measured }: Pick<GpuGroup, 'model' | 'instances' | 'measured'>, concurrency: number, call: CallShape): Throughput {
  const problem = measuredProblem({ model, measured });
  if (problem) throw new InputError(problem);
  const replica: Replica = { model, instance: instances[0]!, sequences: batchOfGroup(instances).sequences };
  const own = ownTokens(model, call);
  const formula = { rate: (calls: number, shape: CallShape) => formulaRate(replica, calls, shape), places: (shape: CallShape) => placesOf(replica, shape) };
  const { expected, uncertaintyPercent, source } = measured.length > 0 ? measuredRate(measured, concurrency, own, formula)
    : { expected: formula.rate(concurrency, own), uncertaintyPercent: UNCALIBRATED_PERCENT, source: 'not measured, from the data sheet' };
  const doubt = expected * uncertaintyPercent / 100;
  const tokensPerCall = model.task === 'embed' ? own.inputTokens : own.outputTokens;
  return {
    tokensPerSecond: { low: expected - doubt, expected, high: expected + doubt },
    uncertaintyPercent, source,
    secondsPerCall: concurrency * tokensPerCall / expected,
  };
}

interface Replica {
  readonly model: ServedModelDeclaration;
  readonly instance: GpuInstance;
  /** vLLM's max-num-seqs. */
  readonly sequences: number;
}

/** An embedding model generates nothing, whatever was declared; any other says at least one word. */
const ownTokens = ({ task }: ServedModelDeclaration, { inputTokens, outputTokens }: CallShape): CallShape =>
  ({ inputTokens, outputTokens: task === 'embed' ? 0 : Math.max(outputTokens, 1) });

/** Calls that memory and vLLM take at a time, on average. */
function placesOf({ model, instance, sequences }: Replica, { inputTokens, outputTokens }: CallShape): number {
  const context = inputTokens + outputTokens;
  return Math.max(1, Math.min(sequences, fitOn(model, instance, context).kvTokens / context));
}

/** More calls than there are places wait, and add nothing. */
function formulaRate(replica: Replica, concurrency: number, call: CallShape): number {
  const { model, instance } = replica;
  const { inputTokens, outputTokens } = call;
  const calls = Math.min(concurrency, placesOf(replica, call));
  if (model.task === 'embed') return calls * inputTokens / passSeconds(model, instance, { tokens: calls * inputTokens, contextTokens: 0 });
  // On average half of the answer is there; each call's prompt is computed once for all of its output.
  const decode = passSeconds(model, instance, { tokens: calls, contextTokens: calls * (inputTokens + outputTokens / 2) });
  return calls / (decode + calls * computeSeconds(model, instance, inputTokens) / outputTokens);
}

/** One pass of so many tokens through the model, which reads the weights and the context of all calls. */
function passSeconds(model: ServedModelDeclaration, instance: GpuInstance, { tokens, contextTokens }: { readonly tokens: number; readonly contextTokens: number }): number {
  const bytes = weightBytesRead(model, tokens) + contextTokens * kvBytes(model, instance.gpus);
  const reading = bytes / (BANDWIDTH_EFFICIENCY * instance.bandwidthGigabytesPerSecond * 1e9 * instance.gpus);
  // Several GPUs have to agree after each layer.
  const fixed = SECONDS_PER_LAYER * model.layers * (instance.gpus > 1 ? 2 : 1);
  return Math.max(reading, computeSeconds(model, instance, tokens)) + fixed;
}

function computeSeconds({ activeParametersBillion, precision }: ServedModelDeclaration, { teraflops, gpus }: GpuInstance, tokens: number): number {
  const each = precision === 'fp8' ? teraflops.fp8 ?? teraflops.bf16 : teraflops.bf16;
  return 2 * activeParametersBillion * 1e9 * tokens / (COMPUTE_EFFICIENCY * each * 1e12 * gpus);
}

/** All of them, but in a mixture of experts only those that some token of the pass is sent to. */
function weightBytesRead({ weightGigabytes, activeParametersBillion, precision }: ServedModelDeclaration, tokens: number): number {
  const active = activeParametersBillion * BYTES_PER_WEIGHT[precision] / weightGigabytes;
  // Above a half it is a dense model whose embeddings are kept in 16 bits.
  return weightGigabytes * 1e9 * (active > 0.5 ? 1 : 1 - (1 - active) ** tokens);
}
