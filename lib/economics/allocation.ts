/** Who carries what no call costs by itself: a GPU group the workflows it serves, by their calls in flight at the peak; the rest by weight. */
import { Declaration, WorkflowDeclaration, isGpuGroup } from '../contracts/declaration';
import { Decimal, ZERO, decimal, sum } from '../money';

/** The share, 0 to 1, that a workflow carries of a GPU group's cost or, without a group, of the common cost. */
export type Allocation = (workflow: WorkflowDeclaration, group?: string) => Decimal;

export function allocationOf({ workflows, groups }: Declaration): Allocation {
  const weights = sum(workflows.map(w => decimal(w.fixedCostWeight)));
  const peaks = new Map(groups.map(({ path }) => [path, sum(workflows.map(w => peakOn(w, path)))]));
  return (workflow, group) => {
    const peak = group === undefined ? ZERO : peaks.get(group) ?? ZERO;
    return peak.isZero() ? decimal(workflow.fixedCostWeight).div(weights) : peakOn(workflow, group!).div(peak);
  };
}

const peakOn = ({ servedBy, peakConcurrency }: WorkflowDeclaration, group: string): Decimal =>
  sum(servedBy.filter(use => isGpuGroup(use) && use.model === group).map(use => decimal(use.sharePercent).div(100).times(peakConcurrency)));
