/** `ai-margin report`: forecasts any synthesized app or template and prints it. */
import { readPrices } from '../assembly/prices';
import { readApp } from '../assembly/read';
import { ReadStack, settled } from '../assembly/stack';
import { check } from '../checks';
import { forecastStack } from '../economics/evaluate';
import { overall, reportDocument } from '../report/document';
import { reportMarkdown } from '../report/markdown';
import { reportTable } from '../report/table';
import { parseText } from './documents';
import { Io } from './io';
import { declarations } from './margin-file';
import { warnOfAge } from './price-age';

export const FORMATS = ['table', 'json', 'markdown'] as const;

export interface ReportOptions {
  /** cdk.out folders or templates. */
  readonly app: readonly string[];
  /** A margin.yaml that declares what the stacks earn and use. */
  readonly declare?: string;
  readonly format: typeof FORMATS[number];
  /** A price file written by `prices refresh`. */
  readonly prices?: string;
  readonly pricingRegion?: string;
  /** Today as YYYY-MM-DD, for the age of the prices. */
  readonly today: string;
}

const EXIT = { ok: 0, breaks: 1, unknown: 3 } as const;

/** Exit code: 0 the margin holds, 1 it breaks, 3 it cannot be told (nothing declared, or something unknown on the way). */
export function printReport(options: ReportOptions, io: Io): number {
  const stacks = toldApart(options.app.map(location => ({ location, stacks: readApp(location, parseText) })));
  const declared = declarations(stacks, options.declare);
  const book = readPrices(options.prices);
  const forecasts = stacks.map(stack => forecastStack(settled(stack, declared(stack), options.pricingRegion), book));
  const findings = check(forecasts);
  warnOfAge(forecasts, options.today, io);
  io.stdout({
    table: () => reportTable(forecasts, findings),
    markdown: () => reportMarkdown(forecasts, findings),
    json: () => JSON.stringify(reportDocument(forecasts, findings), null, 2),
  }[options.format]());
  return EXIT[overall(forecasts)];
}

/** A stack of the same name in two apps (before and after, say) is named with its app. */
function toldApart(apps: readonly { location: string; stacks: readonly ReadStack[] }[]): ReadStack[] {
  const names = apps.flatMap(({ stacks }) => stacks.map(stack => stack.name));
  const twice = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return apps.flatMap(({ location, stacks }) => stacks.map(stack => twice(stack.name) ? { ...stack, name: `${location}:${stack.name}` } : stack));
}
