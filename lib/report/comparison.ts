/** A comparison as text for a terminal, as Markdown and as a document. */
import { ComparisonDocument } from '../contracts/comparison';
import { cheaperFrom } from '../economics/compare/advantage';
import { BreakEvenAgainst, ComparedVariant, Comparison } from '../economics/compare/compare';
import { TITLES, arePeopleCounted, because, breakEvenLine, recommendationText, runsAt } from '../economics/compare/sentences';
import { percent, usd } from '../figures';
import { decimal, plain } from '../money';
import { columns } from './columns';
import { reportDocument } from './document';
import { scaleRows } from './sections';

export const comparisonTable = (comparison: Comparison): string =>
  [headline(comparison), ...rows(comparison), ...sentences(comparison), recommendationText(comparison)].join('\n');

export const comparisonMarkdown = (comparison: Comparison): string => [
  `## ${headline(comparison)}`, '', `**${recommendationText(comparison)}**`, '',
  '```', ...rows(comparison), '```', '',
  ...sentences(comparison).map(sentence => `- ${sentence}`),
].join('\n');

const dates = (comparison: Comparison): string[] =>
  comparison.variants.flatMap(({ forecast: { pricesOf } }) => pricesOf ? [pricesOf.oldest, pricesOf.newest] : []).sort();

function headline(comparison: Comparison): string {
  const { stack, group } = comparison;
  const [oldest, newest] = [dates(comparison)[0], dates(comparison).at(-1)];
  const prices = oldest ? `prices of ${oldest} to ${newest}` : 'no dated prices';
  return `${stack.name}  ${stack.region}  ${prices}  ${group.path}, target ${stack.declaration.economics!.targetGrossMarginPercent} %`;
}

const COLUMNS = ['', 'variant', 'served by', 'cost', 'margin', 'per run', 'incl. people', 'margin incl. people', 'verdict'];
const FIGURES = new Set([0, 5, 6, 7]);

function rows(comparison: Comparison): string[] {
  const scales = comparison.variants[0]!.scales.map((_, i) => i);
  return columns([COLUMNS, ...scales.flatMap(i => comparison.variants.map(variant => row(comparison, variant, i)))], FIGURES);
}

function row(comparison: Comparison, { kind, servedBy, forecast, scales }: ComparedVariant, i: number): string[] {
  const { total, usdWithPeople, complete, verdict } = scales[i]!;
  const { scale, cost, margin, perRun } = totalRows(forecast)[i]!;
  const [low, high] = [usd(total.costUsd.low), usd(total.costUsd.high)];
  const people = arePeopleCounted(comparison);
  return [
    scale, TITLES[kind], servedBy, complete && low !== high ? `${cost} (${low}..${high})` : cost, margin, perRun,
    people ? `${complete ? '' : '>= '}${usd(usdWithPeople)}` : '-',
    people ? `${complete ? '' : '<= '}${percent(total.marginWithPeoplePercent)}` : '-',
    verdict,
  ];
}

/** The last row of each scale is its total. */
function totalRows(forecast: ComparedVariant['forecast']): ReturnType<typeof scaleRows> {
  const all = scaleRows(forecast);
  const perScale = all.length / forecast.totals.length;
  return all.filter((_, i) => (i + 1) % perScale === 0);
}

function sentences(comparison: Comparison): string[] {
  const { variants, breakEvens, asked } = comparison;
  return [
    ...breakEvens.map(breakEven => breakEvenLine(comparison, breakEven)),
    peopleLine(comparison),
    ...asked.hosted ? [] : ['The same open model hosted by a provider is left out: name it with --hosted provider/model, or declare selfHosting.hosted.'],
    ...variants.flatMap(({ kind, unknown }) => unknown.length > 0 ? [`Not in the cost of ${TITLES[kind]}: ${because(unknown)}.`] : []),
    'This compares what answers cost, not how good they are: an open model\'s answers are not a frontier model\'s.',
  ];
}

function peopleLine({ stack, asked }: Comparison): string {
  const engineering = stack.declaration.economics!.engineering;
  if (!engineering) return `People are not counted: declare engineering.hourlyUsd to count ${asked.peopleHoursPerMonth} hours a month for own GPUs.`;
  return `People at ${usd(decimal(engineering.hourlyUsd))} an hour: ${engineering.hoursPerMonth} hours a month in every variant, ${asked.peopleHoursPerMonth} more with own GPUs.`;
}

export function comparisonDocument(comparison: Comparison): ComparisonDocument {
  const { stack, group, asked, variants, breakEvens, recommendation } = comparison;
  const { targetGrossMarginPercent, engineering } = stack.declaration.economics!;
  return {
    version: 1, currency: 'USD', stack: stack.name, region: stack.region, group: group.path,
    pricesAsOf: dates(comparison)[0] ?? null,
    targetGrossMarginPercent,
    people: engineering ? { ...engineering, ownGpuHoursPerMonth: asked.peopleHoursPerMonth } : null,
    variants: variants.map(({ kind, servedBy, forecast, unknown, scales }) => ({
      kind, servedBy, unknown: [...unknown],
      scales: reportDocument([forecast], []).totals[0]!.scales.map((scale, i) => ({
        ...scale, verdict: scales[i]!.verdict, costWithPeopleUsd: plain(scales[i]!.usdWithPeople),
      })),
    })),
    breakEven: breakEvens.map(breakEven => breakEvenDocument(comparison, breakEven)),
    recommendation: {
      variant: 'best' in recommendation ? recommendation.best.kind : null,
      meetsTarget: 'best' in recommendation ? recommendation.meetsTarget : null,
      text: recommendationText(comparison),
    },
  };
}

function breakEvenDocument(comparison: Comparison, { other, advantage }: BreakEvenAgainst): ComparisonDocument['breakEven'][number] {
  const against = other.kind;
  if ('unknown' in advantage) {
    return { against, unknown: [...advantage.unknown], cheaper: null, comparedUpTo: null, limitedBy: [], fromMultiple: null, fromRunsPerMonth: null };
  }
  const from = cheaperFrom(advantage);
  const multiple = (value: number): string => plain(decimal(value));
  return {
    against, unknown: [],
    cheaper: advantage.cheaper.map(range => ({ from: multiple(range.from), to: multiple(range.to) })),
    comparedUpTo: multiple(advantage.comparedUpTo),
    limitedBy: [...advantage.limitedBy],
    fromMultiple: from === undefined ? null : multiple(from),
    fromRunsPerMonth: from === undefined ? null : plain(runsAt(comparison, from).ceil()),
  };
}
