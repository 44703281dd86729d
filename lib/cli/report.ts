/** `ai-margin report`: forecasts any synthesized app or template and prints it. */
import { Declaration, marginFileSchema } from '../contracts/declaration';
import { readPrices } from '../assembly/prices';
import { readApp } from '../assembly/read';
import { ReadStack, declarationIn, settled } from '../assembly/stack';
import { check } from '../checks';
import { parseDeclaration } from '../economics/declared';
import { StackForecast, forecastStack } from '../economics/evaluate';
import { InputError, parseWith } from '../errors';
import { STALE_AFTER_DAYS, staleDays } from '../prices/age';
import { overall, reportDocument } from '../report/document';
import { reportMarkdown } from '../report/markdown';
import { reportTable } from '../report/table';
import { parseText, readDocument } from './documents';
import { Io } from './io';

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
  const declared = options.declare === undefined ? undefined : readMarginFile(options.declare, stacks);
  const book = readPrices(options.prices);
  const forecasts = stacks.map(stack => forecastStack(settled(stack, declared?.(stack) ?? declarationIn(stack), options.pricingRegion), book));
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

/** What margin.yaml says of a stack stands in place of what its template declares, field by field. */
function readMarginFile(file: string, stacks: readonly ReadStack[]): (stack: ReadStack) => Declaration | undefined {
  const document = readDocument(file) as { stacks: Record<string, { economics?: { growth?: object } }> };
  parseWith(marginFileSchema, document, file);
  const names = stacks.map(stack => stack.name);
  for (const name of Object.keys(document.stacks)) {
    if (!names.includes(name)) throw new InputError(`${file} declares stack ${name}, which is not in the app; it has ${names.join(', ')}.`);
  }
  return stack => {
    // Laid over as written and parsed then, so that a schema's default never hides what the template declares.
    const written = document.stacks[stack.name];
    if (!written) return undefined;
    const inTemplate = declarationIn(stack);
    const economics = (inTemplate.economics ?? written.economics) && {
      ...inTemplate.economics, ...written.economics, growth: { ...inTemplate.economics?.growth, ...written.economics?.growth },
    };
    return parseDeclaration({ ...inTemplate, ...written, economics }, `stack ${stack.name} in ${file}`);
  };
}

function warnOfAge(forecasts: readonly StackForecast[], today: string, io: Io): void {
  const lines = forecasts.flatMap(f => f.bill.resources.flatMap(r => r.lines)).filter(line => line.monthlyUsd && line.status !== 'override');
  const ages = new Map(lines.map(line => [line.item, staleDays(line.asOf, today)]));
  const old = [...ages].filter(([, days]) => days !== null && days > STALE_AFTER_DAYS);
  const undated = [...ages].filter(([, days]) => days === null);
  if (old.length > 0) {
    const [item, days] = old.reduce((a, b) => b[1]! > a[1]! ? b : a);
    io.stderr(`Warning: ${old.length} of ${ages.size} prices used are over ${STALE_AFTER_DAYS} days old (${item}: ${days} days). Refresh them with: ai-margin prices refresh`);
  }
  if (undated.length > 0) io.stderr(`Warning: prices without a date: ${undated.map(([item]) => item).join(', ')}.`);
}
