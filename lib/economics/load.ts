/** Calls in flight: declared at the peak, and on average by Little's law (arrivals per second x seconds each). */
import { CallShape } from '../capacity/call-shape';
import { GroupLoad } from '../capacity/forecast';
import { Declaration, WorkflowDeclaration, isGpuGroup } from '../contracts/declaration';
import { GroupLoads } from '../estimate/gpu-groups';
import { Decimal, Numeric, SECONDS_PER_MONTH, ZERO, decimal } from '../money';
import { Load } from '../estimate/replicas';

/** Calls that reach a model in a month: a response-cache hit makes none. */
export const modelCallsPerMonth = (w: WorkflowDeclaration): Decimal =>
  decimal(w.runsPerMonth).times(w.callsPerRun).times(decimal(100).minus(w.responseCacheHitPercent)).div(100);

/** Spread evenly over a 730-hour month, so no peak can be below it. */
export const averageInFlight = (w: WorkflowDeclaration): Decimal =>
  modelCallsPerMonth(w).times(w.averageDurationSeconds).div(SECONDS_PER_MONTH);

export function loadOf(workflows: readonly WorkflowDeclaration[], multiple: Numeric): Load | undefined {
  if (workflows.length === 0) return undefined;
  const total = (f: (w: WorkflowDeclaration) => Decimal): Decimal =>
    workflows.reduce((sum, w) => sum.plus(f(w)), ZERO).times(multiple);
  return { peak: total(w => decimal(w.peakConcurrency)), average: total(averageInFlight) };
}

/** Model tokens a minute at the peak: in-flight calls turn over once per duration. */
export const peakTokensPerMinute = (w: WorkflowDeclaration, multiple: Numeric): Decimal =>
  decimal(w.peakConcurrency).times(multiple).div(w.averageDurationSeconds).times(60).times(w.tokensPerCall.input + w.tokensPerCall.output);

/** A workflow and the share of its calls that a GPU group serves, as a fraction. */
interface Served {
  readonly workflow: WorkflowDeclaration;
  readonly share: Decimal;
}

const served = (workflows: readonly WorkflowDeclaration[], group: string): Served[] => workflows.flatMap(workflow => {
  const uses = workflow.servedBy.filter(use => isGpuGroup(use) && use.model === group);
  const share = uses.reduce((sum, use) => sum.plus(use.sharePercent), ZERO).div(100);
  return share.isZero() ? [] : [{ workflow, share }];
});

/** Model calls a month that a GPU group serves, at 1x. */
export const groupCallsPerMonth = (workflows: readonly WorkflowDeclaration[], group: string): Decimal =>
  served(workflows, group).reduce((sum, { workflow, share }) => sum.plus(modelCallsPerMonth(workflow).times(share)), ZERO);

/** What the workflows ask of each GPU group at a multiple of today's usage. */
export const groupLoads = ({ workflows, groups }: Declaration, multiple: Numeric): GroupLoads => new Map(groups.flatMap(({ path }) => {
  const load = groupLoad(workflows, path, multiple);
  return load ? [[path, load] as const] : [];
}));

/** What the workflows ask of a GPU group; undefined where none is served by it. Calls that the response cache answers at the peak are not relied on. */
export function groupLoad(workflows: readonly WorkflowDeclaration[], group: string, multiple: Numeric): GroupLoad | undefined {
  const parts = served(workflows, group);
  if (parts.length === 0) return undefined;
  const total = (f: (s: Served) => Decimal): Decimal => parts.reduce((sum, part) => sum.plus(f(part)), ZERO);
  return {
    peak: total(({ workflow, share }) => share.times(workflow.peakConcurrency)).times(multiple),
    average: total(({ workflow, share }) => averageInFlight(workflow).times(share)).times(multiple),
    call: typicalCall(total),
  };
}

/** The mean over all calls the group serves. */
function typicalCall(total: (f: (s: Served) => Decimal) => Decimal): CallShape {
  const calls = total(({ workflow, share }) => modelCallsPerMonth(workflow).times(share));
  const mean = (kind: 'input' | 'output'): number =>
    total(({ workflow, share }) => modelCallsPerMonth(workflow).times(share).times(workflow.tokensPerCall[kind])).div(calls).toNumber();
  return { inputTokens: mean('input'), outputTokens: mean('output') };
}
