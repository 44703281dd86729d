/** Calls in flight: declared at the peak, and on average by Little's law (arrivals per second x seconds each). */
import { WorkflowDeclaration } from '../contracts/declaration';
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
