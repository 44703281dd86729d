/** The report as plain text for a terminal. */
import { Finding } from '../checks/rule';
import { StackForecast } from '../economics/evaluate';
import { columns } from './columns';
import { ScaleRow, findingLine, headline, scaleRows, sentences, verdictLine } from './sections';

export function reportTable(forecasts: readonly StackForecast[], findings: readonly Finding[]): string {
  return forecasts.map(forecast => stackTable(forecast, findings.filter(f => f.stack === forecast.stack.name))).join('\n\n');
}

function stackTable(forecast: StackForecast, findings: readonly Finding[]): string {
  return [
    headline(forecast),
    verdictLine(forecast),
    ...scaleTable(scaleRows(forecast)),
    ...sentences(forecast),
    ...findings.map(findingLine),
  ].join('\n');
}

const TITLES = ['', 'workflow', 'revenue', 'cost', 'margin', 'per run', 'acceptable', 'verdict'];
const FIGURES = new Set([0, 2, 3, 5, 6]);

const scaleTable = (rows: readonly ScaleRow[]): string[] => rows.length === 0 ? [] : columns(
  [TITLES, ...rows.map(r => [r.scale, r.workflow, r.revenue, r.cost, r.margin, r.perRun, r.acceptable, r.verdict])], FIGURES,
);
