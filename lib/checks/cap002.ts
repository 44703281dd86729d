/** CAP002: the peak needs more GPU vCPUs or model tokens a minute than a declared quota gives; without one, says what it needs. */
import { replicasForPeak } from '../capacity/replicas';
import { GpuGroup } from '../contracts/gpu-group';
import { groupLoad } from '../economics/load';
import { QuotaNeed, isExceeded, quotaNeeds } from '../economics/quota';
import { scalesOf } from '../economics/scale';
import { StackForecast } from '../economics/evaluate';
import { count } from '../figures';
import { Decimal, decimal } from '../money';
import { Finding, Rule, economicsPath } from './rule';

export const cap002: Rule = {
  id: 'CAP002',
  title: 'The peak exceeds a quota, or the quota is not declared',
  evaluate: forecast => forecast.workflows.length === 0 ? [] : [
    ...tokensPerMinute(forecast),
    ...forecast.stack.declaration.groups.flatMap(group => vcpus(forecast, group)),
  ],
};

function tokensPerMinute(forecast: StackForecast): Finding[] {
  const { declaration } = forecast.stack;
  const needs = scalesOf(declaration).flatMap(({ usage }) => quotaNeeds(declaration.workflows, usage).map(need => ({ ...need, multiple: usage })));
  const told = (list: readonly (QuotaNeed & { multiple: Decimal })[]): string =>
    list.map(({ item, tokensPerMinute: t, quota, multiple }) => `${item} needs ${count(t)} tokens a minute at ${multiple.toFixed()}x${quota === null ? '' : `, quota ${count(quota)}`}`).join('; ');
  const [exceeded, open] = [needs.filter(isExceeded), needs.filter(need => need.quota === null)];
  const at = { rule: 'CAP002', stack: forecast.stack.name, path: economicsPath(forecast) } as const;
  return [
    ...exceeded.length > 0 ? [{ ...at, severity: 'error' as const, message: `${at.path}: ${told(exceeded)}`, fix: 'ask for more quota, or serve a share of the calls elsewhere' }] : [],
    ...open.length > 0 ? [{ ...at, severity: 'info' as const, message: `${at.path}: no quota is declared, so nobody can tell whether the peak is served: ${told(open)}`, fix: 'declare quotaTokensPerMinute of the model use' }] : [],
  ];
}

function vcpus(forecast: StackForecast, group: GpuGroup): Finding[] {
  const { declaration, name } = forecast.stack;
  const load = groupLoad(declaration.workflows, group.path, 1);
  if (!load) return [];
  const each = group.instances.map(i => i.vcpus);
  const at = { rule: 'CAP002', stack: name, path: group.path } as const;
  if (each.some(v => v === undefined)) {
    return [{ ...at, severity: 'info', message: `${group.path}: the vCPUs of ${group.instances.filter(i => i.vcpus === undefined).map(i => i.type).join(', ')} are not declared, so no quota can be checked`, fix: 'declare vcpus in instanceShapes' }];
  }
  const most = Math.max(...each.map(v => v!));
  return scalesOf(declaration).flatMap(({ usage }) => {
    const replicas = Decimal.min(replicasForPeak(group, { peak: load.peak.times(usage), call: load.call }).needed, group.scaling.maxReplicas);
    return marketsOf(group).flatMap(({ market, base, quota, code }): Finding[] => {
      // On demand may have to stand in for every spot replica at once.
      const needed = Decimal.max(replicas.minus(base), 0).times(most);
      const need = `${group.path}: at ${usage.toFixed()}x up to ${count(needed)} vCPUs ${market} (${replicas.minus(base).toFixed()} replicas of ${most})`;
      if (needed.isZero()) return [];
      if (quota === undefined) return [{ ...at, severity: 'info', message: `${need}, and no quota is declared (${code})`, fix: 'declare quota of the group, from Service Quotas' }];
      if (needed.lte(quota)) return [];
      return [{ ...at, severity: 'error', message: `${need}, and the quota ${code} is ${count(decimal(quota))}`, fix: 'ask for more quota, lower maxReplicas, or use instances with fewer vCPUs for each GPU' }];
    });
  });
}

interface Market {
  readonly market: string;
  /** Replicas that are never of this market. */
  readonly base: number;
  readonly quota: number | undefined;
  readonly code: string;
}

/** AWS counts P instances apart from G and VT. */
function marketsOf({ purchase, quota, instances }: GpuGroup): Market[] {
  const p = instances.some(i => i.type.startsWith('p'));
  const onDemand: Market = { market: 'on demand', base: 0, quota: quota.onDemandVcpus, code: p ? 'L-417A185B' : 'L-DB2E81BA' };
  const spot: Market = { market: 'on spot', base: purchase.kind === 'spotWithFallback' ? purchase.onDemandBase : 0, quota: quota.spotVcpus, code: p ? 'L-7212CCBC' : 'L-3819A6DF' };
  return [...purchase.kind === 'spotOnly' ? [] : [onDemand], ...purchase.kind === 'onDemand' ? [] : [spot]];
}
