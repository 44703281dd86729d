/** CAP001: the declared peak exceeds what a GPU group can hold at its maximum, at 1x or at the declared growth. */
import { concurrencyPerReplica, replicasForPeak } from '../capacity/replicas';
import { GpuGroup } from '../contracts/gpu-group';
import { groupLoad } from '../economics/load';
import { scalesOf } from '../economics/scale';
import { StackForecast } from '../economics/evaluate';
import { count } from '../figures';
import { Finding, Rule } from './rule';

export const cap001: Rule = {
  id: 'CAP001',
  title: 'A declared peak exceeds what a GPU group serves',
  evaluate: forecast => forecast.stack.declaration.groups.flatMap(group => unserved(forecast, group)),
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
  const bound = boundBy === 'kv' ? `memory for ${kvTokens} tokens, ${context} a call` : 'its target';
  return finding(
    `${short.join('; ')}. A replica holds ${calls} calls (${bound}), maxReplicas is ${group.scaling.maxReplicas}`,
    'raise maxReplicas, serve a share of the calls elsewhere, or give a replica more memory',
  );
}
