/** What a call earns: its part of a run's revenue, so that a run of several calls is not sold several times. */
import { GatewayWorkflow } from '../contracts/gateway';
import { InputError } from '../errors';
import { Decimal, ZERO, decimal, plain } from '../money';

/** `runs` is the part of a run the call counts for: 1 or 0 where it names its run, else 1/callsPerRun. Dollars as a decimal string. */
export function revenueOfCall(workflow: GatewayWorkflow, runs: number): string {
  return runs === 0 || workflow.revenue === undefined ? '0' : plain(revenuePerRun(workflow).times(runs));
}

function revenuePerRun({ id, revenue, runsPerMonth }: GatewayWorkflow): Decimal {
  if (revenue === undefined) return ZERO;
  if ('usdPerRun' in revenue) return decimal(revenue.usdPerRun);
  if (runsPerMonth === undefined) throw new InputError(`The workflow ${id} earns per seat: give its runsPerMonth, over which a month's revenue is spread.`);
  return decimal(revenue.seats).times(revenue.usdPerSeatMonth).div(runsPerMonth);
}
