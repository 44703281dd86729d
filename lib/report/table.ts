/** The report as plain text for a terminal. */
import { Finding } from '../checks/rule';
import { StackForecast } from '../economics/evaluate';
import { ScaleRow, findingLine, headline, scaleRows, sentences, verdictLine } from './sections';

export function reportTable(forecasts: readonly StackForecast[], findings: readonly Finding[]): string {
  return forecasts.map(forecast => stackTable(forecast, findings.filter(f => f.stack === forecast.stack.name))).join('\n\n');
}

function stackTable(forecast: StackForecast, findings: readonly Finding[]): string {
  return [
    headline(forecast),
    verdictLine(forecast),
    ...aligned(scaleRows(forecast)),
    ...sentences(forecast),
    ...findings.map(findingLine),
  ].join('\n');
}

const COLUMNS: readonly (readonly [keyof ScaleRow, 'left' | 'right'])[] = [
  ['scale', 'right'], ['workflow', 'left'], ['revenue', 'right'], ['cost', 'right'], ['margin', 'left'],
  ['perRun', 'right'], ['acceptable', 'right'], ['verdict', 'left'],
];
const TITLES: ScaleRow = {
  scale: '', workflow: 'workflow', revenue: 'revenue', cost: 'cost', margin: 'margin', perRun: 'per run', acceptable: 'acceptable', verdict: 'verdict',
};

function aligned(rows: readonly ScaleRow[]): string[] {
  if (rows.length === 0) return [];
  const all = [TITLES, ...rows];
  const widths = COLUMNS.map(([key]) => Math.max(...all.map(row => row[key].length)));
  return all.map(row => COLUMNS.map(([key, side], i) =>
    side === 'left' ? row[key].padEnd(widths[i]!) : row[key].padStart(widths[i]!)).join('  ').trimEnd());
}
