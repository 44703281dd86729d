/**
 * CAP001: the declared peak exceeds what a GPU group can hold at its maximum, at 1x or at the declared growth; or the calls
 * are declared to be faster than full replicas can be, so that more of them would be in flight than declared.
 */
import { concurrencyPerReplica, replicasForPeak } from '../capacity/replicas';
import { throughputOf } from '../capacity/throughput';
import { isGpuGroup } from '../contracts/declaration';
import { GpuGroup } from '../contracts/gpu-group';
import { groupLoad } from '../economics/load';
import { scalesOf } from '../economics/scale';
import { StackForecast } from '../economics/evaluate';
import { count } from '../figures';
import { Finding, Rule } from './rule';

export const cap001: Rule = {
  id: 'CAP001',
  title: 'A declared peak exceeds what a GPU group serves',
  evaluate: forecast => forecast.stack.declaration.groups.flatMap(group => [...unserved(forecast, group), ...tooSlow(forecast, group)]),
};

function unserved(forecast: StackForecast, group: GpuGroup): Finding[] {
  const { declaration, name } = forecast.stack;
  const finding = (message: string, fix: string): Finding[] => [{ rule: 'CAP001', severity: 'error', stack: name, path: group.path, message: `${group.path}: ${message}`, fix }];
  const now = groupLoad(declaration.workflows, group.path, 1);
  if (!now) return [];
  const { calls, boundBy, kvTokens } = concurrencyPerReplica(group, now.call);
  const context = Math.ceil(now.call.inputTokens + now.call.outputTokens);
  if (calls === 0) {
    return finding(
      `calls of ${context} tokens on average are longer than the ${group.maxModelLength} tokens of maxModelLength, or than the ${kvTokens} that memory holds; none is served`,
      'raise maxModelLength, give instances with more memory, or shorten the calls',
    );
  }
  const short = scalesOf(declaration).flatMap(({ usage }) => {
    const { needed, unserved: left } = replicasForPeak(group, { peak: now.peak.times(usage), call: now.call });
    return left.gt(0) ? [`at ${usage.toFixed()}x ${count(now.peak.times(usage))} calls in flight need ${needed.toFixed()} replicas, ${count(left)} calls are not served`] : [];
  });
  if (short.length === 0) return [];
  const bound = { kv: `memory for ${kvTokens} tokens, ${context} a call`, batch: 'what vLLM takes into one batch on GPUs of this memory', target: 'its target' }[boundBy];
  return finding(
    `${short.join('; ')}. A replica holds ${calls} calls (${bound}), maxReplicas is ${group.scaling.maxReplicas}`,
    `raise maxReplicas, or serve a share of the calls elsewhere${boundBy === 'kv' ? ', or give a replica more memory' : ''}`,
  );
}

/** Doubt goes to the replicas: only what is too slow at the fast end of the throughput is told. */
function tooSlow({ stack }: StackForecast, group: GpuGroup): Finding[] {
  if (group.model.task === 'embed') return [];
  const { workflows } = stack.declaration;
  return workflows.filter(w => w.servedBy.some(use => isGpuGroup(use) && use.model === group.path)).flatMap((w): Finding[] => {
    const call = { inputTokens: w.tokensPerCall.input, outputTokens: w.tokensPerCall.output };
    const { calls } = concurrencyPerReplica(group, groupLoad(workflows, group.path, 1)!.call);
    if (calls === 0) return [];
    const { secondsPerCall, tokensPerSecond: { expected, high } } = throughputOf(group, calls, call);
    const best = secondsPerCall * expected / high;
    const broken = [
      ...best > w.averageDurationSeconds ? [`averageDuration is ${w.averageDurationSeconds} s`] : [],
      ...w.maxP95LatencySeconds !== undefined && best > w.maxP95LatencySeconds ? [`maxP95LatencySeconds is ${w.maxP95LatencySeconds}`] : [],
    ];
    if (broken.length === 0) return [];
    return [{
      rule: 'CAP001', severity: 'warning', stack: stack.name, path: w.path ?? group.path,
      message: `${w.path ?? w.id}: ${broken.join(' and ')}, and a replica of ${group.path} with ${calls} calls takes ${secondsPerCall.toFixed(0)} s for one, ${best.toFixed(0)} s at the fast end; `
        + 'more calls than declared would be in flight',
      fix: 'lower targetConcurrencyPerReplica, give faster GPUs, paste a benchmark, or declare the duration and the peak that these replicas give',
    }];
  });
}
