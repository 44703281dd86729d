/** MARGIN003: the target holds as expected and breaks in the low estimate; says which input swings most. */
import { percent, usd } from '../figures';
import { Rule, workflowPath } from './rule';

export const margin003: Rule = {
  id: 'MARGIN003',
  title: 'The low estimate of the gross margin breaks its target',
  evaluate: forecast => forecast.workflows.flatMap(workflow => {
    const doubtful = workflow.scales.filter(at =>
      at.verdict !== 'breaks' && at.costPerRunUsd.high.gt(at.acceptableCostPerRunUsd));
    const at = doubtful.at(-1);
    if (!at) return [];
    const path = workflowPath(forecast, workflow.declared);
    const widest = workflow.tokens.swings[0]!;
    return [{
      rule: 'MARGIN003', severity: 'warning', stack: forecast.stack.name, path,
      message: `${path}: ${at.multiple.toFixed()}x margin is expected at ${percent(at.margin.expected)} and as low as ${percent(at.margin.low)}, target ${workflow.targetPercent} %. `
        + `Widest doubt: ${widest.input} +-${widest.uncertaintyPercent} %, up to ${usd(widest.usdPerRun, 4)} a run`,
      fix: `measure ${widest.input} and declare a narrower uncertaintyPercent, or leave more room above the target`,
    }];
  }),
};
