/** What a GPU group can hold, what it is sized to and what it costs, in one sentence at each end of growth. */
import { forecastReplicaHours } from '../capacity/forecast';
import { fitOn } from '../capacity/fit';
import { concurrencyPerReplica } from '../capacity/replicas';
import { throughputOf } from '../capacity/throughput';
import { GpuGroup } from '../contracts/gpu-group';
import { groupLoad } from '../economics/load';
import { StackForecast, TotalResult } from '../economics/evaluate';
import { count, usd } from '../figures';
import { Range, decimal } from '../money';

export const gpuLines = (forecast: StackForecast): string[] => forecast.stack.declaration.groups.flatMap(group => {
  const load = groupLoad(forecast.stack.declaration.workflows, group.path, 1);
  if (!load) return [];
  return [replicaLine(group, load.call), ...forecast.totals.map(total => hoursLine(forecast, group, total))];
});

function replicaLine(group: GpuGroup, call: Parameters<typeof throughputOf>[2]): string {
  const [instance] = group.instances;
  const { calls, boundBy } = concurrencyPerReplica(group, call);
  const { kvTokens } = fitOn(group.model, instance!, group.maxModelLength);
  const memory = `memory holds ${count(decimal(kvTokens))} tokens`;
  const bound = { kv: `what memory for ${count(decimal(kvTokens))} tokens holds`, batch: `what vLLM takes into one batch; ${memory}`, target: `its target; ${memory}` }[boundBy];
  const { tokensPerSecond, uncertaintyPercent, source, secondsPerCall } = throughputOf(group, Math.max(calls, 1), call);
  const whole = (value: number): string => count(decimal(value));
  return `${group.path}: ${group.model.name} in ${group.model.precision} on ${instance!.type} holds ${calls} calls a replica (${bound}), `
    + `${whole(tokensPerSecond.expected)} tokens a second (${whole(tokensPerSecond.low)}..${whole(tokensPerSecond.high)}, +-${uncertaintyPercent} %, ${source})`
    + `${group.model.task === 'generate' ? `, ${secondsPerCall.toFixed(0)} s a call` : ''}.`;
}

function hoursLine(forecast: StackForecast, group: GpuGroup, { multiple, shared }: TotalResult): string {
  const hours = forecastReplicaHours(group, groupLoad(forecast.stack.declaration.workflows, group.path, multiple));
  const range = ({ low, expected, high }: Range): string => low.eq(high) ? count(expected) : `${count(expected)} (${count(low)}..${count(high)})`;
  const cost = shared.groupsUsd.get(group.path);
  const unknown = shared.unpriced.some(({ path }) => path.startsWith(`${group.path}/`));
  return `${group.path} at ${multiple.toFixed()}x: ${hours.replicasAtPeak.toFixed()} of at most ${group.scaling.maxReplicas} replicas at the peak, `
    + `${range(hours.spot)} h on spot and ${range(hours.onDemand)} h on demand a month`
    + `, ${costText(cost, unknown)}.`;
}

/** With something unknown it is a floor; unknown altogether is no 0. */
function costText(cost: Range | undefined, unknown: boolean): string {
  if (!cost || (unknown && cost.expected.isZero())) return 'cost unknown';
  return unknown ? `at least ${usd(cost.expected)}` : `${usd(cost.expected)} (${usd(cost.low)}..${usd(cost.high)})`;
}
