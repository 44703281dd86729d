/** MARGIN001: the expected margin of a workflow or of the whole stack breaks its target, at 1x or at the declared growth. */
import { ScaleResult, StackForecast, WorkflowForecast } from '../economics/evaluate';
import { mendsOf } from '../economics/mend';
import { largestCosts } from '../economics/largest';
import { percent, usd } from '../figures';
import { Finding, Rule, economicsPath, workflowPath } from './rule';

export const margin001: Rule = {
  id: 'MARGIN001',
  title: 'The expected gross margin breaks its target',
  evaluate: forecast => [...forecast.workflows.flatMap(w => brokenWorkflow(forecast, w)), ...brokenTotal(forecast)],
};

function brokenWorkflow(forecast: StackForecast, workflow: WorkflowForecast): Finding[] {
  const broken = workflow.scales.filter(scale => scale.verdict === 'breaks');
  if (broken.length === 0) return [];
  const path = workflowPath(forecast, workflow.declared);
  return [{
    rule: 'MARGIN001', severity: 'error', stack: forecast.stack.name, path,
    message: `${path}: ${broken.map(scale => figures(scale, workflow.targetPercent)).join('; ')}. ${largest(forecast, broken.at(-1)!)}`,
    fix: mendsOf(workflow, broken.at(-1)!).join('; or ') || 'lower the largest lines, or raise revenue',
  }];
}

function brokenTotal(forecast: StackForecast): Finding[] {
  const broken = forecast.totals.filter(total => total.verdict === 'breaks');
  if (broken.length === 0) return [];
  const target = forecast.stack.declaration.economics!.targetGrossMarginPercent;
  // With one workflow the total says the same again, unless their targets differ.
  if (forecast.workflows.length === 1 && forecast.workflows[0]!.targetPercent === target) return [];
  return [{
    rule: 'MARGIN001', severity: 'error', stack: forecast.stack.name, path: economicsPath(forecast),
    message: `${forecast.stack.name} in total: ${broken.map(scale => figures(scale, target)).join('; ')}. ${largest(forecast, broken.at(-1)!)}`,
    fix: `bring cost to ${usd(broken.at(-1)!.acceptableCostPerRunUsd.times(broken.at(-1)!.runs))} a month at ${broken.at(-1)!.multiple.toFixed()}x, or raise revenue`,
  }];
}

const figures = (at: ScaleResult, target: number): string =>
  `${at.multiple.toFixed()}x margin ${percent(at.margin.expected)} (${percent(at.margin.low)}..${percent(at.margin.high)}), target ${target} %: `
  + `${usd(at.costPerRunUsd.expected, 4)} a run, acceptable ${usd(at.acceptableCostPerRunUsd, 4)}`;

const largest = (forecast: StackForecast, at: ScaleResult): string =>
  `Largest at ${at.multiple.toFixed()}x: ${largestCosts(forecast, at.multiple).slice(0, 3).map(c => `${c.name} ${usd(c.monthlyUsd)}`).join(', ')}`;
