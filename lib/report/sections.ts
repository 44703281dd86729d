/** The parts of a stack's report as text, shared by the table and the Markdown. */
import { Finding } from '../checks/rule';
import { isKnown } from '../economics/break-even';
import { widestDoubt } from '../economics/doubt';
import { ScaleResult, StackForecast, TotalResult } from '../economics/evaluate';
import { largestCosts } from '../economics/largest';
import { mendsOf } from '../economics/mend';
import { isExceeded, quotaNeeds } from '../economics/quota';
import { count, percent, usd } from '../figures';
import { unknownsOf } from '../estimate/estimate';
import { Decimal, decimal } from '../money';
import { gpuLines } from './gpu-lines';

export function headline(forecast: StackForecast): string {
  const { stack, bill, pricesOf } = forecast;
  const lines = bill.resources.flatMap(r => r.lines);
  const priced = lines.filter(line => line.monthlyUsd).length;
  const dated = pricesOf === null ? 'no dated prices' : `prices of ${pricesOf.oldest} to ${pricesOf.newest}`;
  const inferred = lines.filter(line => line.monthlyUsd && line.status === 'inferred').length;
  return `${stack.name}  ${stack.region}  ${dated}  ${priced} lines priced${inferred > 0 ? ` (${inferred} at inferred prices)` : ''}, ${unknownsOf(bill)} unknown`;
}

export function verdictLine({ totals, workflows, stack, verdict }: StackForecast): string {
  if (totals.length === 0) return 'No revenue is declared, so there is no margin to judge.';
  const target = stack.declaration.economics!.targetGrossMarginPercent;
  const shown = totals.find(t => t.verdict === 'breaks') ?? totals.at(-1)!;
  const elsewhere = shown.verdict !== verdict
    ? `; ${workflows.filter(w => w.scales.some(s => s.verdict === verdict)).map(w => w.declared.id).join(', ')} ${verdict}` : '';
  return `${verdict.toUpperCase()}  ${shown.multiple.toFixed()}x: margin ${bracketed(shown)}, target ${target} %${elsewhere}`;
}

/** With something unknown the margin is a ceiling, and without a low end. */
const bracketed = ({ margin, complete }: ScaleResult): string => {
  if (margin.expected === null) return percent(null);
  return complete ? `${percent(margin.expected)} (${margin.low!.toFixed(0)}..${margin.high!.toFixed(0)})` : `<= ${percent(margin.expected)}`;
};

export interface ScaleRow {
  readonly scale: string;
  readonly workflow: string;
  readonly revenue: string;
  readonly cost: string;
  readonly margin: string;
  readonly perRun: string;
  readonly acceptable: string;
  readonly verdict: string;
}

const floor = ({ complete }: ScaleResult, text: string): string => complete ? text : `>= ${text}`;

export function scaleRows({ totals, workflows }: StackForecast): ScaleRow[] {
  const row = (workflow: string, at: ScaleResult): ScaleRow => ({
    scale: `${at.multiple.toFixed()}x`, workflow, revenue: usd(at.revenueUsd), cost: floor(at, usd(at.costUsd.expected)), margin: bracketed(at),
    perRun: floor(at, usd(at.costPerRunUsd.expected, 4)), acceptable: usd(at.acceptableCostPerRunUsd, 4), verdict: at.verdict,
  });
  return totals.flatMap((total, i) => [
    ...workflows.length > 1 ? workflows.map(w => row(w.declared.id, w.scales[i]!)) : [],
    row(workflows.length > 1 ? 'all' : workflows[0]!.declared.id, total),
  ]);
}

/** The sentences below the table of scales, in reading order. */
export function sentences(forecast: StackForecast): string[] {
  const last = forecast.totals.at(-1);
  if (!last) return [`Resources: ${usd(forecast.bill.monthlyUsd.expected)} a month${plusUnknown(forecast)}.`, ...largestLine(forecast, decimal(1)), ...unknownLines(forecast)];
  return [
    whereItGoes(last), ...largestLine(forecast, last.multiple), ...premiumLine(forecast), overhead(forecast), peakLine(forecast, last), ...gpuLines(forecast),
    ...mendLine(forecast), ...doubtLine(forecast), ...monthLine(forecast), ...breakEvenLines(forecast),
  ];
}

function whereItGoes(at: TotalResult): string {
  const { people, ...purposes } = at.purposes;
  const parts = Object.entries(purposes).filter(([, value]) => !value.isZero()).map(([name, value]) => `${name} ${usd(value)}`);
  if (at.creditsUsd.gt(0)) parts.push(`credits of ${usd(at.creditsUsd)} are in platform`);
  const withPeople = people.gt(0) ? ` | people ${usd(people)} -> ${percent(at.marginWithPeoplePercent)}` : '';
  return `Where ${at.multiple.toFixed()}x goes:  ${parts.join(' | ')}${withPeople}`;
}

const plusUnknown = ({ bill }: StackForecast): string => unknownsOf(bill) > 0 ? `, plus ${unknownsOf(bill)} unknown that are in no total` : '';

/** Without workflows no rule names what is unknown. */
function unknownLines({ bill }: StackForecast): string[] {
  const open = [...bill.unpriced.map(u => `${u.path || u.logicalId}: ${u.reason}`), ...bill.undeclared.map(u => `${u.path}: ${u.what} is not declared`), ...bill.unmatched.map(u => `${u.path}: ${u.what} is declared and nothing is charged for it`)];
  return open.length === 0 ? [] : [`In no total: ${open.slice(0, 5).join('; ')}${open.length > 5 ? `; and ${open.length - 5} more` : ''}.`];
}

function largestLine(forecast: StackForecast, multiple: Decimal): string[] {
  const largest = largestCosts(forecast, multiple).slice(0, 5);
  return largest.length === 0 ? [] : [`Largest:  ${largest.map(c => `${c.name} ${usd(c.monthlyUsd)}`).join(' | ')}`];
}

/** Premium models are for the calls that need them. */
function premiumLine({ workflows }: StackForecast): string[] {
  const shares = workflows.flatMap(({ declared, tokens }) => {
    const share = tokens.models.filter(m => m.premium).reduce((sum, m) => sum + m.sharePercent, 0);
    return share > 0 ? [`${share} % of the model calls of ${declared.id}`] : [];
  });
  return shares.length === 0 ? [] : [`Premium models serve ${shares.join(', ')}.`];
}

const overhead = (forecast: StackForecast): string =>
  `Platform beside the models (alarms, dashboards, logs, keys, network): ${usd(forecast.totals[0]!.purposes.platform)} a month at 1x${plusUnknown(forecast)}.`;

function peakLine(forecast: StackForecast, { multiple, shared }: TotalResult): string {
  const workflows = forecast.workflows.map(w => w.declared);
  const inFlight = workflows.reduce((sum, w) => sum.plus(w.peakConcurrency), decimal(0)).times(multiple);
  const unserved = shared.unserved.length === 0 ? '' : ` ${shared.unserved.map(u => `${count(u.calls)} not served by ${u.path}`).join(', ')}.`;
  const quotas = quotaNeeds(workflows, multiple).map(need => {
    const text = `${need.item} needs ${count(need.tokensPerMinute)} tokens a minute, quota`;
    return need.quota === null ? `${text} not declared` : `${text} ${count(need.quota)}: ${isExceeded(need) ? 'NOT served' : 'served'}`;
  });
  return [`Peak ${count(inFlight)} calls in flight at ${multiple.toFixed()}x.${unserved}`, ...quotas.length > 0 ? [`${quotas.join('; ')}.`] : []].join(' ');
}

function mendLine({ workflows }: StackForecast): string[] {
  return workflows.flatMap(workflow => {
    const broken = workflow.scales.findLast(at => at.verdict === 'breaks');
    return broken ? [`What would mend ${workflow.declared.id}:  ${mendsOf(workflow, broken).join('  |  ')}`] : [];
  });
}

function doubtLine(forecast: StackForecast): string[] {
  const doubts = forecast.workflows.flatMap(workflow => widestDoubt(forecast, workflow, workflow.scales.at(-1)!) ?? []);
  const widest = doubts.sort((a, b) => b.usdPerRun.comparedTo(a.usdPerRun))[0];
  return widest ? [`Widest doubt: ${widest.input}, up to ${usd(widest.usdPerRun, 4)} a run; ${widest.remedy}.`] : [];
}

function monthLine({ stack, breaksInMonth }: StackForecast): string[] {
  if (breaksInMonth === null) return [];
  const growth = `At ${stack.declaration.economics!.growth.monthlyPercent} % growth a month`;
  if (breaksInMonth === 'never') return [`${growth} every target holds for ten years.`];
  if (breaksInMonth === 'unknown') return [`${growth} it cannot be told when a target breaks, because something is unknown.`];
  return [breaksInMonth === 0 ? `${growth}: a target is broken already.` : `${growth} a target breaks in month ${breaksInMonth}.`];
}

function breakEvenLines({ breakEven }: StackForecast): string[] {
  if (!breakEven) return [];
  if (!isKnown(breakEven)) return [`Own hosting on ${breakEven.instanceType}: break-even unknown, ${breakEven.unknown}.`];
  const people = breakEven.peopleCounted ? '' : ', people not counted';
  return breakEven.points.map(({ against, runsPerMonth, replicas, capacityRunsPerMonth: holds }) => runsPerMonth && holds
    ? `Own hosting on ${breakEven.instanceType} against ${against}: from ${count(runsPerMonth.ceil())} runs a month with ${replicas!.toFixed()} replicas, `
      + `which hold ${count(holds.expected)} (${count(holds.low)}..${count(holds.high)})${people}; analytic, only below that capacity.`
    : `Own hosting on ${breakEven.instanceType} never pays against ${against}: a full replica costs more than the calls it replaces${people}.`);
}

export const findingLine = ({ rule, severity, path, message }: Finding): string =>
  `${rule} ${severity}  ${message.startsWith(path) ? message : `${path}: ${message}`}`;
