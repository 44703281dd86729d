/** An evaluation as text for a terminal, as Markdown, and as a document for programs. */
import { decimal, plain } from '../../money';
import { columns } from '../../report/columns';
import { Amount, isKnown } from './costs';
import { Estimate, RESAMPLES } from './estimate';
import { Evaluation } from './evaluate';
import { TITLES, headline, lines, sentences, unknownCosts } from './lines';

export const evaluationTable = (evaluation: Evaluation): string =>
  [headline(evaluation), ...columns([TITLES, ...lines(evaluation)], new Set([1, 2])), ...sentences(evaluation)].join('\n');

export const evaluationMarkdown = (evaluation: Evaluation): string => [
  `## ${cell(headline(evaluation))}`, '',
  row(TITLES), '| :-- | --: | --: | :-- |', ...lines(evaluation).map(([label, ...figures]) => row([label.trim(), ...figures])), '',
  ...sentences(evaluation).map(sentence => `- ${sentence}`),
].join('\n');

const cell = (text: string): string => text.replace(/\|/g, '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** Shares and qualities in percent; dollars as plain decimals. null: there is no such figure, it is unknown, or nothing bounds it. */
export interface EvaluationDocument {
  readonly version: 1;
  readonly currency: 'USD';
  readonly workflow: string;
  readonly tiers: { readonly cheap: string; readonly premium: string };
  readonly seed: number;
  readonly resamples: number;
  readonly calls: number;
  readonly answeredByRule: number;
  readonly premiumCalls: { readonly byChoice: number; readonly byEscalation: number; readonly sharePercent: number | null; readonly maxSharePercent: number | null };
  /** Of cheap answers; null where none was checked. */
  readonly checks: {
    readonly flagged: CountedFigure;
    readonly precision: CountedFigure;
    readonly recall: CountedFigure;
    readonly kinds: readonly (CountedFigure & { readonly kind: string })[];
  } | null;
  readonly givenAlthoughFailing: { readonly calls: number; readonly quality: Figure };
  /** Calls by reason. */
  readonly notEscalated: Readonly<Record<string, number>>;
  readonly quality: { readonly allCheap: Figure; readonly allPremium: Figure; readonly route: Figure };
  readonly recoveredGap: Figure;
  readonly costUsd: { readonly allCheap: string | null; readonly allPremium: string | null; readonly route: string | null };
  /** By which encoding they are counted. */
  readonly tokens: 'o200k';
  readonly savedAgainstAllPremium: Figure;
  readonly addedToAllCheap: Figure;
  /** Why a cost is unknown. */
  readonly unknown: readonly string[];
  readonly notes: readonly string[];
}

interface Figure {
  readonly percent: number | null;
  readonly lowPercent: number | null;
  readonly highPercent: number | null;
}

interface CountedFigure extends Figure {
  readonly part: number;
  readonly of: number;
}

export function evaluationDocument(evaluation: Evaluation): EvaluationDocument {
  const { workflow, pair, seed, calls, byRule, premium, checks, failing, notMade, quality, recovered, costs, saved, added } = evaluation;
  return {
    version: 1, currency: 'USD', workflow: workflow.id, tiers: { cheap: pair.weak.id, premium: pair.strong.id }, seed, resamples: RESAMPLES,
    calls, answeredByRule: byRule,
    premiumCalls: {
      ...premium, sharePercent: calls === byRule ? null : inPercent((premium.byChoice + premium.byEscalation) / (calls - byRule)),
      maxSharePercent: workflow.route.maxPremiumSharePercent ?? null,
    },
    checks: checks === undefined ? null : {
      flagged: counted(checks.flagged), precision: counted(checks.precision), recall: counted(checks.recall),
      kinds: Object.entries(checks.kinds).map(([kind, precision]) => ({ kind, ...counted(precision) })),
    },
    givenAlthoughFailing: { calls: failing.below, quality: figure(failing) }, notEscalated: Object.fromEntries(notMade),
    quality: { allCheap: figure(quality.weak), allPremium: figure(quality.strong), route: figure(quality.route) },
    recoveredGap: figure(recovered),
    costUsd: { allCheap: dollars(costs.weak), allPremium: dollars(costs.strong), route: dollars(costs.route) }, tokens: 'o200k',
    savedAgainstAllPremium: figure(saved), addedToAllCheap: figure(added),
    unknown: unknownCosts(evaluation), notes: sentences(evaluation),
  };
}

const figure = ({ value, low, high }: Estimate): Figure => ({ percent: inPercent(value), lowPercent: inPercent(low), highPercent: inPercent(high) });
const counted = (estimate: Estimate): CountedFigure => ({ part: estimate.above, of: estimate.below, ...figure(estimate) });
const inPercent = (value: number | null): number | null => value === null ? null : Math.round(value * 1e6) / 1e4;
const dollars = (amount: Amount): string | null => isKnown(amount) ? plain(decimal(amount).div(1e9)) : null;
