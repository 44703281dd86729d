/** `ai-margin compare`: the workflows of a GPU group as managed API, hosted open model, self-hosted and hybrid. */
import { readPrices } from '../assembly/prices';
import { readApp } from '../assembly/read';
import { ReadStack, settled } from '../assembly/stack';
import { Declaration, isGpuGroup } from '../contracts/declaration';
import { GpuGroup } from '../contracts/gpu-group';
import { Comparison, compare } from '../economics/compare/compare';
import { ModelName, isServedBy } from '../economics/compare/variants';
import { InputError } from '../errors';
import { comparisonDocument, comparisonMarkdown, comparisonTable } from '../report/comparison';
import { parseText } from './documents';
import { Io } from './io';
import { declarations } from './margin-file';
import { warnOfAge } from './price-age';
import { FORMATS } from './report';

export interface CompareOptions {
  /** A cdk.out folder or a template. */
  readonly app: string;
  readonly stack?: string;
  /** Construct path of the GPU group, where a stack has several. */
  readonly group?: string;
  readonly declare?: string;
  readonly managed: string;
  readonly hosted?: string;
  readonly premiumShare: string;
  readonly peopleHours?: string;
  readonly format: typeof FORMATS[number];
  readonly prices?: string;
  readonly pricingRegion?: string;
  /** Today as YYYY-MM-DD, for the age of the prices. */
  readonly today: string;
}

const DEFAULT_PEOPLE_HOURS = 20;
const EXIT = { compared: 0, unknown: 3 } as const;

/** Exit code: 0 compared, 3 something unknown is in no cost of a variant, so that cost is a floor. */
export function printComparison(options: CompareOptions, io: Io): number {
  const stacks = readApp(options.app, parseText);
  const declared = declarations(stacks, options.declare);
  const { stack, declaration, group } = choose(stacks.map(read => ({ stack: read, declaration: declared(read) })), options);
  const own = declaration.economics?.selfHosting;
  const comparison = compare(settled(stack, declaration, options.pricingRegion), group, {
    managed: modelNamed(options.managed, '--managed'),
    hosted: options.hosted === undefined ? own?.hosted : modelNamed(options.hosted, '--hosted'),
    premiumSharePercent: premiumShare(options.premiumShare),
    peopleHoursPerMonth: options.peopleHours === undefined ? own?.engineeringHoursPerMonth ?? DEFAULT_PEOPLE_HOURS : peopleHours(options.peopleHours),
  }, readPrices(options.prices));
  warnOfAge(comparison.variants.map(variant => variant.forecast), options.today, io);
  io.stdout({
    table: () => comparisonTable(comparison),
    markdown: () => comparisonMarkdown(comparison),
    json: () => JSON.stringify(comparisonDocument(comparison), null, 2),
  }[options.format]());
  return isKnown(comparison) ? EXIT.compared : EXIT.unknown;
}

const isKnown = ({ variants }: Comparison): boolean => variants.every(({ unknown }) => unknown.length === 0);

interface DeclaredStack {
  readonly stack: ReadStack;
  readonly declaration: Declaration;
}

interface Candidate extends DeclaredStack {
  readonly group: GpuGroup;
}

/** The one GPU group that serves a workflow; with several, the one that was asked for. */
function choose(stacks: readonly DeclaredStack[], asked: Pick<CompareOptions, 'app' | 'stack' | 'group'>): Candidate {
  const candidates = stacks.flatMap(({ stack, declaration }) => declaration.groups
    .filter(group => declaration.workflows.some(w => isServedBy(w, group))).map(group => ({ stack, declaration, group })));
  if (candidates.length === 0) {
    const names = stacks.map(({ stack }) => stack.name).join(', ');
    throw new InputError(`No stack of ${asked.app} has a workflow that a GPU group serves, so there is nothing to compare; it has ${names}.`);
  }
  const inStack = narrowed(candidates, asked.stack, c => c.stack.name, 'stack', '--stack');
  return narrowed(inStack, asked.group, c => c.group.path, 'GPU group', '--group')[0]!;
}

/** Those with the name that was asked for, which all have. */
function narrowed(candidates: readonly Candidate[], asked: string | undefined, nameOf: (c: Candidate) => string, what: string, option: string): Candidate[] {
  const names = [...new Set(candidates.map(nameOf))];
  if (asked === undefined && names.length > 1) throw new InputError(`There is more than one ${what} to compare: give ${option} with one of ${names.join(', ')}.`);
  const name = asked ?? names[0]!;
  if (!names.includes(name)) throw new InputError(`${option} is ${name}, where no GPU group serves a workflow; give one of ${names.join(', ')}.`);
  return candidates.filter(c => nameOf(c) === name);
}

/** provider/model; a model's name may have slashes of its own. */
function modelNamed(text: string, option: string): ModelName {
  const [provider, ...model] = text.split('/');
  if (!provider || model.join('') === '' || isGpuGroup({ provider })) throw new InputError(`${option} is ${text}; give provider/model, such as groq/llama-3.1-8b-instant.`);
  return { provider, model: model.join('/') };
}

function premiumShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share < 100) return share;
  throw new InputError(`--premium-share is ${text}; give a percentage above 0 and below 100, because at the ends the hybrid is self-hosted or managed.`);
}

function peopleHours(text: string): number {
  const hours = Number(text);
  if (text.trim() !== '' && hours >= 0 && Number.isFinite(hours)) return hours;
  throw new InputError(`--people-hours is ${text}; give hours a month of 0 or more.`);
}
