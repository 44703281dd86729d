/** CAP002: the peak needs more GPU vCPUs or model tokens a minute than a declared quota gives; without one, says what it needs. */
import { forecastReplicaHours } from '../capacity/forecast';
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
  evaluate: forecast => forecast.workflows.length === 0 ? [] : [...tokensPerMinute(forecast), ...unknownVcpus(forecast), ...vcpus(forecast)],
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

const unknownVcpus = ({ stack }: StackForecast): Finding[] => stack.declaration.groups.filter(group => group.instances.some(i => i.vcpus === undefined)).map(group => ({
  rule: 'CAP002', severity: 'info', stack: stack.name, path: group.path,
  message: `${group.path}: the vCPUs of ${group.instances.filter(i => i.vcpus === undefined).map(i => i.type).join(', ')} are not declared, so no quota can be checked`,
  fix: 'declare vcpus in instanceShapes',
}));

/** A quota is the account's: the groups of a stack share it. */
function vcpus({ stack }: StackForecast): Finding[] {
  const { declaration, name } = stack;
  const byScale = scalesOf(declaration).map(({ usage }) => ({ usage, needs: declaration.groups.flatMap(group => needsOf(group, stack, usage)) }));
  const codes = [...new Set(byScale.flatMap(({ needs }) => needs.map(need => need.code)))];
  return codes.flatMap((code): Finding[] => {
    const totals = byScale.map(({ usage, needs }) => ({ usage, needs: needs.filter(need => need.code === code && need.vcpus > 0) })).filter(({ needs }) => needs.length > 0);
    if (totals.length === 0) return [];
    const quotas = totals[0]!.needs.flatMap(need => need.quota ?? []);
    const quota = quotas.length > 0 ? Math.min(...quotas) : undefined;
    const over = totals.find(({ needs }) => quota !== undefined && sum(needs) > quota);
    if (quota !== undefined && !over) return [];
    const { usage, needs } = over ?? totals.at(-1)!;
    const at = { rule: 'CAP002', stack: name, path: needs[0]!.path } as const;
    const need = `${at.path}: at ${usage.toFixed()}x up to ${count(decimal(sum(needs)))} vCPUs ${needs[0]!.market} `
      + `(${needs.map(n => `${n.replicas} replicas of ${n.each}${needs.length > 1 ? ` of ${n.path}` : ''}`).join(', ')})`;
    return quota === undefined
      ? [{ ...at, severity: 'info', message: `${need}, and no quota is declared (${code})`, fix: 'declare quota of the group, from Service Quotas' }]
      : [{ ...at, severity: 'error', message: `${need}, and the quota ${code} is ${count(decimal(quota))}`, fix: 'ask for more quota, lower maxReplicas, or use instances with fewer vCPUs for each GPU' }];
  });
}

interface VcpuNeed {
  readonly path: string;
  readonly market: string;
  readonly code: string;
  readonly quota: number | undefined;
  readonly replicas: number;
  /** vCPUs of the largest instance type that the quota counts. */
  readonly each: number;
  readonly vcpus: number;
}

const sum = (needs: readonly VcpuNeed[]): number => needs.reduce((total, need) => total + need.vcpus, 0);

/** On demand may have to stand in for every spot replica at once. AWS counts P instances apart from G and VT. */
function needsOf(group: GpuGroup, { declaration }: StackForecast['stack'], usage: Decimal): VcpuNeed[] {
  const load = groupLoad(declaration.workflows, group.path, usage);
  if (!load) return [];
  const { purchase, quota, instances } = group;
  const replicas = forecastReplicaHours(group, load).replicasAtPeak.toNumber();
  const onSpot = purchase.kind === 'spotWithFallback' ? Math.max(replicas - purchase.onDemandBase, 0) : replicas;
  return FAMILIES.flatMap(({ includes, onDemand, spot }) => {
    const each = Math.max(0, ...instances.filter(i => includes(i.type)).map(i => i.vcpus ?? 0));
    const need = (market: string, code: string, declared: number | undefined, count: number): VcpuNeed =>
      ({ path: group.path, market, code, quota: declared, replicas: count, each, vcpus: count * each });
    return each === 0 ? [] : [
      ...purchase.kind === 'spotOnly' ? [] : [need('on demand', onDemand, quota.onDemandVcpus, replicas)],
      ...purchase.kind === 'onDemand' ? [] : [need('on spot', spot, quota.spotVcpus, onSpot)],
    ];
  });
}

const FAMILIES = [
  { includes: (type: string): boolean => type.startsWith('p'), onDemand: 'L-417A185B', spot: 'L-7212CCBC' },
  { includes: (type: string): boolean => !type.startsWith('p'), onDemand: 'L-DB2E81BA', spot: 'L-3819A6DF' },
] as const;
