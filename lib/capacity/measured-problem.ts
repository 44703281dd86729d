/** A bench result of another kind of model is no measurement of this one: generated and processed tokens are different rates. */
import { GpuGroup } from '../contracts/gpu-group';

export function measuredProblem({ model, measured }: Pick<GpuGroup, 'model' | 'measured'>): string | undefined {
  const embeds = model.task === 'embed';
  const other = measured.findIndex(({ outputTokensPerCall }) => (outputTokensPerCall === 0) !== embeds);
  if (other < 0) return undefined;
  const { outputTokensPerCall } = measured[other]!;
  const [kind, backend] = embeds ? ['an embedding model', '--backend openai-embeddings'] : ['a model that generates', 'a backend of completions, such as openai'];
  return `benchmark ${other + 1} generated ${outputTokensPerCall === 0 ? 'no tokens' : `${outputTokensPerCall} tokens a call`}, and ${model.name} is ${kind}; `
    + `give the result of vllm bench serve with ${backend}, measured with this model.`;
}
