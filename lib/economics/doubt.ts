/** Which single doubt raises the cost per run most: a declared average, or the range of a resource. */
import { GpuGroups } from '../estimate/gpu-groups';
import { Decimal, decimal } from '../money';
import { allocationOf } from './allocation';
import { ScaleResult, StackForecast, TotalResult, WorkflowForecast } from './evaluate';

export interface Doubt {
  readonly input: string;
  /** How to narrow it. */
  readonly remedy: string;
  readonly usdPerRun: Decimal;
}

export function widestDoubt(forecast: StackForecast, workflow: WorkflowForecast, at: ScaleResult): Doubt | undefined {
  const averages = workflow.tokens.swings.map((swing): Doubt => ({
    input: `${swing.input} of ${workflow.declared.id} +-${swing.uncertaintyPercent} %`,
    remedy: `measure ${swing.input} and declare a narrower uncertaintyPercent`,
    usdPerRun: swing.usdPerRun,
  }));
  const total = forecast.totals.find(t => t.multiple.eq(at.multiple));
  const shared = total ? sharedDoubts(forecast, workflow, total) : [];
  const widest = [...averages, ...shared].reduce<Doubt | undefined>((a, b) => !a || b.usdPerRun.gt(a.usdPerRun) ? b : a, undefined);
  return widest?.usdPerRun.gt(0) ? widest : undefined;
}

/** The workflow's part of what each resource may cost beyond its expected cost. */
function sharedDoubts(forecast: StackForecast, { declared }: WorkflowForecast, total: TotalResult): Doubt[] {
  const allocation = allocationOf(forecast.stack.declaration);
  const gpuGroups = new GpuGroups(forecast.stack.declaration.groups);
  const runs = decimal(declared.runsPerMonth).times(total.multiple);
  return total.shared.resources.flatMap(({ path, logicalId, lines }) => lines.flatMap(({ item, monthlyUsd }) => {
    if (!monthlyUsd || monthlyUsd.high.lte(monthlyUsd.expected)) return [];
    const swing = monthlyUsd.high.minus(monthlyUsd.expected).times(allocation(declared, gpuGroups.ownerOf(path))).div(runs);
    return [{ input: `${item} of ${path || logicalId}`, remedy: remedyFor(path || logicalId, gpuGroups.ownerOf(path)), usdPerRun: swing }];
  }));
}

const remedyFor = (resource: string, gpuGroup: string | undefined): string => gpuGroup === undefined
  ? `narrow the bounds of ${resource}, or declare what is used of it`
  : `measure the peak and the average of ${gpuGroup}, or buy it on demand; its range is that of the load curve and of spot`;
