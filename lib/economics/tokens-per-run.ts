/** What a run of a workflow costs at its models: tier mix, cached and uncached input, output, and how far it may swing. */
import { ModelUseDeclaration, PriceOverride, WorkflowDeclaration, isGpuGroup } from '../contracts/declaration';
import { Decimal, Range, ZERO, decimal, sumRanges } from '../money';
import { tokenItem, withTokenOverrides } from '../prices/token-overrides';
import { TokenPrice, tokenPrice } from '../prices/tokens';

export interface ModelCost {
  readonly item: string;
  readonly sharePercent: number;
  readonly premium: boolean;
  readonly perRun: Range;
  readonly perCall: Decimal;
  readonly source: string;
  readonly asOf: string;
  readonly status: 'listed' | 'inferred';
}

export interface TokenCost {
  readonly perRun: Range;
  readonly models: readonly ModelCost[];
  /** Why the figures above are not the whole cost. */
  readonly unknown: readonly string[];
  /** The declared inputs by how much each alone raises the cost per run at its high end; the largest first. */
  readonly swings: readonly { readonly input: string; readonly uncertaintyPercent: number; readonly usdPerRun: Decimal }[];
}

interface Factors {
  readonly input: Decimal;
  readonly output: Decimal;
  readonly calls: Decimal;
}

const ONE: Factors = { input: decimal(1), output: decimal(1), calls: decimal(1) };

export type PriceOfModel = (use: ModelUseDeclaration) => TokenPrice;

export const modelPrices = (region: string | undefined, overrides: readonly PriceOverride[]): PriceOfModel => use => {
  const id = { provider: use.provider, model: use.model, serviceTier: use.serviceTier, region };
  return withTokenOverrides(tokenPrice(id), id, overrides);
};

/** `groups` are the GPU groups of the stack: their instances are in its bill, and a token there costs nothing more. */
export function tokenCostOf(workflow: WorkflowDeclaration, priceOf: PriceOfModel, groups: ReadonlySet<string> = new Set()): TokenCost {
  const unknown: string[] = workflow.servedBy.length === 0 ? ['no model serves this workflow yet: declare one with servedBy'] : [];
  const models: ModelCost[] = [];
  const { uncertaintyPercent: doubt } = workflow;
  const corner = (sign: 1 | -1): Factors => ({
    input: factor(doubt.input, sign), output: factor(doubt.output, sign), calls: factor(doubt.calls, sign),
  });
  const alone = { 'input tokens': ZERO, 'output tokens': ZERO, 'calls per run': ZERO };
  for (const use of workflow.servedBy) {
    if (isGpuGroup(use)) {
      if (!groups.has(use.model)) unknown.push(`${use.model} is not a GPU group of this stack, so what it costs is not in this bill`);
      continue;
    }
    const price = priceOf(use);
    if (!price.known) {
      unknown.push(price.reason);
      continue;
    }
    const at = (factors: Factors): Decimal | string => costPerRun(workflow, use, price, factors);
    const [expected, low, high] = [at(ONE), at(corner(-1)), at(corner(1))];
    if (typeof expected === 'string' || typeof low === 'string' || typeof high === 'string') {
      unknown.push([expected, low, high].find(x => typeof x === 'string') as string);
      continue;
    }
    const swing = (factors: Partial<Factors>): Decimal => {
      const raised = at({ ...ONE, ...factors });
      return typeof raised === 'string' ? ZERO : raised.minus(expected);
    };
    alone['input tokens'] = alone['input tokens'].plus(swing({ input: corner(1).input }));
    alone['output tokens'] = alone['output tokens'].plus(swing({ output: corner(1).output }));
    alone['calls per run'] = alone['calls per run'].plus(swing({ calls: corner(1).calls }));
    const calls = callsToModel(workflow, use, ONE);
    models.push({
      item: tokenItem(use), sharePercent: use.sharePercent, premium: use.premium, perRun: { low, expected, high },
      perCall: calls.isZero() ? ZERO : expected.div(calls), source: price.source, asOf: price.asOf, status: price.status,
    });
  }
  return {
    perRun: sumRanges(models.map(m => m.perRun)),
    models,
    unknown,
    swings: [
      { input: 'input tokens', uncertaintyPercent: doubt.input, usdPerRun: alone['input tokens'] },
      { input: 'output tokens', uncertaintyPercent: doubt.output, usdPerRun: alone['output tokens'] },
      { input: 'calls per run', uncertaintyPercent: doubt.calls, usdPerRun: alone['calls per run'] },
    ].sort((a, b) => b.usdPerRun.comparedTo(a.usdPerRun)),
  };
}

const factor = (percent: number, sign: 1 | -1): Decimal => decimal(100).plus(decimal(percent).times(sign)).div(100);

/** Calls of one run that reach this model: its share, less what the response cache answers. */
const callsToModel = (w: WorkflowDeclaration, use: ModelUseDeclaration, factors: Factors): Decimal =>
  decimal(w.callsPerRun).times(factors.calls).times(decimal(100).minus(w.responseCacheHitPercent)).div(100).times(use.sharePercent).div(100);

function costPerRun(w: WorkflowDeclaration, use: ModelUseDeclaration, price: Extract<TokenPrice, { known: true }>, factors: Factors): Decimal | string {
  const { input, output, cacheRead, cacheWrite } = w.tokensPerCall;
  const cost = price.callCost({
    input: factors.input.times(input), output: factors.output.times(output),
    cacheRead: factors.input.times(cacheRead), cacheWrite: factors.input.times(cacheWrite),
  });
  return 'unknown' in cost ? cost.unknown : cost.total.times(callsToModel(w, use, factors));
}
