/** The money of a workflow as metric math over the tokens Bedrock meters on its profiles. */
import { Duration, Stack, Token } from 'aws-cdk-lib';
import { IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { modelPrices } from '../../lib/economics/tokens-per-run';
import { HOURS_PER_MONTH, decimal } from '../../lib/money';
import { WorkflowInferenceProfile } from '../inference/bedrock-profile';
import { UnitEconomics } from './unit-economics';
import { Workflow } from './workflow';

export interface MeteredWorkflow {
  readonly name: string;
  readonly profiles: readonly WorkflowInferenceProfile[];
  readonly maxP95LatencySeconds?: number;
  /** USD of the hour; undefined where a price is unknown. */
  readonly cost?: IMetric;
  readonly costPerRun?: IMetric;
  readonly revenue: IMetric;
  readonly margin?: IMetric;
}

const HOUR = Duration.hours(1);

export function meteredWorkflows(economics: UnitEconomics, profiles: readonly WorkflowInferenceProfile[]): MeteredWorkflow[] {
  return economics.workflows
    .map(workflow => ({ workflow, own: profiles.filter(p => p.workflow === workflow) }))
    .filter(({ own }) => own.length > 0)
    .map(({ workflow, own }, n) => meteredWorkflow(economics, workflow, own, `w${n}`));
}

/** `prefix` keeps metric ids apart where several workflows meet in one widget. */
function meteredWorkflow(economics: UnitEconomics, workflow: Workflow, profiles: readonly WorkflowInferenceProfile[], prefix: string): MeteredWorkflow {
  const name = workflow.node.id;
  const declared = workflow._render();
  const calls = Object.fromEntries(profiles.map((p, i) => [`${prefix}calls${i}`, p.metricInvocations()]));
  // A call that a response cache answers never reaches a model, and its run still earns.
  const metered = declared.callsPerRun * (1 - declared.responseCacheHitPercent / 100);
  const runs = `((${Object.keys(calls).join(' + ')}) / ${Number(metered.toFixed(9))})`;
  const math = (expression: string, usingMetrics: Record<string, IMetric>, label: string): MathExpression =>
    new MathExpression({ expression, usingMetrics, label: `${name} ${label}`, period: HOUR });

  const revenueExpression = 'usdPerRun' in declared.revenue
    ? `${runs} * ${declared.revenue.usdPerRun}`
    : `${runs} * 0 + ${declared.revenue.seats * declared.revenue.usdPerSeatMonth / HOURS_PER_MONTH.toNumber()}`;
  const revenue = math(revenueExpression, calls, 'revenue, USD');
  const base = { name, profiles, maxP95LatencySeconds: workflow.maxP95LatencySeconds, revenue };
  const costs = profiles.map((profile, i) => profileCost(economics, profile, `${prefix}p${i}`));
  if (!costs.every(c => c !== undefined)) return base;

  const cost = math(costs.map(c => c.expression).join(' + '), Object.assign({}, ...costs.map(c => c.tokens)), 'model cost, USD');
  const [c, r] = [`${prefix}cost`, `${prefix}revenue`];
  return {
    ...base,
    cost,
    costPerRun: math(`IF(${runs} > 0, ${c} / ${runs})`, { ...calls, [c]: cost }, 'cost per run, USD'),
    margin: math(`IF(${r} > 0, 100 * (${r} - ${c}) / ${r})`, { [r]: revenue, [c]: cost }, 'margin, %'),
  };
}

interface ProfileCost {
  readonly expression: string;
  readonly tokens: Record<string, IMetric>;
}

/** Tokens times their price at the declared length of a call; undefined where the price is unknown. */
function profileCost(economics: UnitEconomics, profile: WorkflowInferenceProfile, prefix: string): ProfileCost | undefined {
  const { tokensPerCall: { input, output, cacheRead, cacheWrite } } = profile.workflow._render();
  const { region } = Stack.of(profile);
  const price = modelPrices(Token.isUnresolved(region) ? undefined : region, economics._render().priceOverrides)(profile.model._render(100));
  if (!price.known) return undefined;
  const uncached = Math.max(input - cacheRead - cacheWrite, 0);
  const kinds = [
    { name: `${prefix}in`, kind: 'input', count: uncached, metric: profile.metricInputTokens() },
    { name: `${prefix}out`, kind: 'output', count: output, metric: profile.metricOutputTokens() },
    { name: `${prefix}read`, kind: 'cacheRead', count: cacheRead, metric: profile.metricCacheReadTokens() },
    { name: `${prefix}write`, kind: 'cacheWrite', count: cacheWrite, metric: profile.metricCacheWriteTokens() },
  ] as const;
  const cost = price.callCost({ input: decimal(input), output: decimal(output), cacheRead: decimal(cacheRead), cacheWrite: decimal(cacheWrite) });
  if ('unknown' in cost) return undefined;
  const metered = kinds.filter(k => k.count > 0);
  return {
    expression: metered.map(k => `${k.name} * ${cost[k.kind].div(k.count).toDecimalPlaces(15).toFixed()}`).join(' + '),
    tokens: Object.fromEntries(metered.map(k => [k.name, k.metric])),
  };
}
