/** The report as Markdown, for pull requests. */
import { Finding } from '../checks/rule';
import { StackForecast } from '../economics/evaluate';
import { usd } from '../figures';
import { findingLine, headline, scaleRows, sentences, verdictLine } from './sections';

export const reportMarkdown = (forecasts: readonly StackForecast[], findings: readonly Finding[]): string =>
  forecasts.map(forecast => stackMarkdown(forecast, findings.filter(f => f.stack === forecast.stack.name))).join('\n');

function stackMarkdown(forecast: StackForecast, findings: readonly Finding[]): string {
  const rows = scaleRows(forecast);
  return [
    `## ${headline(forecast)}`,
    '',
    `**${verdictLine(forecast)}**`,
    '',
    ...rows.length > 0 ? [
      row(['', 'workflow', 'revenue', 'cost', 'margin', 'per run', 'acceptable', 'verdict']),
      row(['--:', ':--', '--:', '--:', ':--', '--:', '--:', ':--']),
      ...rows.map(r => row([r.scale, r.workflow, r.revenue, r.cost, r.margin, r.perRun, r.acceptable, r.verdict])),
      '',
    ] : [],
    ...sentences(forecast).map(sentence => `- ${cell(sentence)}`),
    ...findings.map(finding => `- **${cell(findingLine(finding))}** Mend: ${cell(finding.fix)}`),
    '',
    ...details(forecast),
  ].join('\n');
}

function details({ bill }: StackForecast): string[] {
  const lines = bill.resources.flatMap(r => r.lines.map(line => ({ where: r.path || r.logicalId, line })));
  if (lines.length === 0) return [];
  return [
    `<details><summary>${lines.length} lines</summary>`,
    '',
    row(['resource', 'item', 'quantity', 'unit', 'unit price', 'monthly', 'price of']),
    row([':--', ':--', '--:', ':--', '--:', '--:', ':--']),
    ...lines.map(({ where, line }) => row([
      where, line.item, line.quantity?.expected.toDecimalPlaces(4).toFixed() ?? 'not declared', line.unit,
      line.unitPriceUsd?.toFixed() ?? 'unknown', line.monthlyUsd ? usd(line.monthlyUsd.expected) : 'unknown',
      `${line.status}${line.asOf ? `, ${line.asOf}` : ''}`,
    ])),
    '',
    '</details>',
    '',
  ];
}

/** A pipe or a line break in a name must not break the table. */
const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
