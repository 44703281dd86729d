import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, IMetric, IWidget, MathExpression, SingleValueWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { WorkflowInferenceProfile } from '../inference/bedrock-profile';
import { InputError } from '../../lib/errors';
import { MeteredWorkflow, meteredWorkflows } from './metered-workflow';
import { UnitEconomics } from './unit-economics';

/** Props of CostDashboard. */
export interface CostDashboardProps {
  /** The economics to show. */
  readonly economics: UnitEconomics;
  /** The profiles whose metered tokens are shown; make the dashboard after them. */
  readonly profiles: WorkflowInferenceProfile[];
}

/**
 * A CloudWatch dashboard of margin, cost and cost per run, from the tokens that Bedrock metered. First row for a founder;
 * below, tokens, latency and throttles per workflow. About 3 USD a month beyond an account's first three.
 */
export class CostDashboard extends Construct {
  public constructor(scope: Construct, id: string, props: CostDashboardProps) {
    super(scope, id);
    if (props.profiles.length === 0) {
      throw new InputError(`${this.node.path}: there is nothing to show; give at least one WorkflowInferenceProfile.`);
    }
    const metered = meteredWorkflows(props.economics, props.profiles);
    const dashboard = new Dashboard(this, 'Resource', { defaultInterval: Duration.days(7) });
    dashboard.addWidgets(...firstRow(props.economics, metered));
    for (const workflow of metered) dashboard.addWidgets(...workflowRow(workflow));
  }
}

function firstRow(economics: UnitEconomics, metered: readonly MeteredWorkflow[]): IWidget[] {
  const priced = metered.filter(w => w.cost !== undefined);
  const unpriced = metered.filter(w => w.cost === undefined).map(w => w.name);
  const cost = total('cost', priced.map(w => w.cost!), 'model cost, USD');
  const revenue = total('revenue', priced.map(w => w.revenue), 'revenue, USD');
  const margin = new MathExpression({
    expression: 'IF(revenue > 0, 100 * (revenue - cost) / revenue)', usingMetrics: { revenue, cost }, label: 'gross margin on models, %', period: HOUR,
  });
  return [
    ...priced.length > 0 ? [
      new SingleValueWidget({ title: `Margin on models (target ${economics.targetGrossMarginPercent} %)`, metrics: [margin], width: 8, height: 4 }),
      new SingleValueWidget({ title: 'Model cost an hour', metrics: [cost], width: 8, height: 4 }),
      new SingleValueWidget({ title: 'Cost per run', metrics: priced.map(w => w.costPerRun!), width: 8, height: 4 }),
    ] : [],
    ...unpriced.length > 0 ? [new TextWidget({ markdown: `No token price is known for: ${unpriced.join(', ')}. Their cost is not shown.`, width: 24, height: 2 })] : [],
  ];
}

function workflowRow({ name, profiles, margin, maxP95LatencySeconds }: MeteredWorkflow): IWidget[] {
  const graph = (title: string, left: IMetric[], annotation?: number): GraphWidget => new GraphWidget({
    title: `${name}: ${title}`, left, width: 6, height: 6,
    leftAnnotations: annotation === undefined ? undefined : [{ value: annotation, label: 'limit' }],
  });
  return [
    ...margin ? [graph('margin, %', [margin])] : [],
    graph('tokens an hour', profiles.flatMap(p => [p.metricInputTokens(), p.metricOutputTokens()])),
    graph('p95 latency, ms', profiles.map(p => p.metricP95Latency()), maxP95LatencySeconds && maxP95LatencySeconds * 1000),
    graph('throttled calls', profiles.map(p => p.metricThrottles())),
  ];
}

const HOUR = Duration.hours(1);

const total = (prefix: string, parts: readonly IMetric[], label: string): MathExpression => new MathExpression({
  expression: parts.map((_, i) => `${prefix}${i}`).join(' + '),
  usingMetrics: Object.fromEntries(parts.map((part, i) => [`${prefix}${i}`, part])),
  label, period: HOUR,
});
