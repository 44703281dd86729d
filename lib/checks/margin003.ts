/** MARGIN003: a target holds as expected and breaks in the low estimate; says which doubt swings most. */
import { Doubt, widestDoubt } from '../economics/doubt';
import { ScaleResult, StackForecast } from '../economics/evaluate';
import { percent, usd } from '../figures';
import { Finding, Rule, economicsPath, workflowPath } from './rule';

export const margin003: Rule = {
  id: 'MARGIN003',
  title: 'The low estimate of the gross margin breaks its target',
  evaluate: forecast => {
    const workflows = forecast.workflows.flatMap(workflow => {
      const at = doubtful(workflow.scales);
      return at ? [finding(forecast, workflowPath(forecast, workflow.declared), at, workflow.targetPercent, widestDoubt(forecast, workflow, at))] : [];
    });
    const total = doubtful(forecast.totals);
    // With one workflow the total says the same again, unless their targets differ.
    const target = forecast.stack.declaration.economics?.targetGrossMarginPercent;
    if (!total || target === undefined || (forecast.workflows.length === 1 && forecast.workflows[0]!.targetPercent === target)) return workflows;
    const doubts = forecast.workflows.flatMap(workflow => widestDoubt(forecast, workflow, total) ?? []);
    const widest = doubts.sort((a, b) => b.usdPerRun.comparedTo(a.usdPerRun))[0];
    return [...workflows, finding(forecast, economicsPath(forecast), total, target, widest)];
  },
};

const doubtful = (scales: readonly ScaleResult[]): ScaleResult | undefined =>
  scales.findLast(at => at.verdict !== 'breaks' && at.costPerRunUsd.high.gt(at.acceptableCostPerRunUsd));

const finding = (forecast: StackForecast, path: string, at: ScaleResult, target: number, widest: Doubt | undefined): Finding => ({
  rule: 'MARGIN003', severity: 'warning', stack: forecast.stack.name, path,
  message: `${path}: ${at.multiple.toFixed()}x margin is expected at ${percent(at.margin.expected)} and as low as ${percent(at.margin.low)}, target ${target} %`
    + (widest ? `. Widest doubt: ${widest.input}, up to ${usd(widest.usdPerRun, 4)} a run` : ''),
  fix: `${widest?.remedy ?? 'narrow the doubts'}, or leave more room above the target`,
});
