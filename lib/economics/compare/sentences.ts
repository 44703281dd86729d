/** The outcome of a comparison in words: from which volume own GPUs pay, and what to do. */
import { count, percent } from '../../figures';
import { Decimal, decimal } from '../../money';
import { CLOSE, cheaperFrom } from './advantage';
import { BreakEvenAgainst, Comparison, ScaledVariant } from './compare';
import { VariantKind, hasOwnGpus } from './variants';

export const TITLES: Readonly<Record<VariantKind, string>> = {
  managed: 'managed API', hosted: 'hosted open model', selfHosted: 'self-hosted', hybrid: 'hybrid',
};

const MOST = 3;

/** The first reasons; the document has them all. */
export const because = (reasons: readonly string[]): string =>
  `${reasons.slice(0, MOST).join('; ')}${reasons.length > MOST ? `; and ${reasons.length - MOST} more` : ''}`;

export const arePeopleCounted = ({ stack }: Comparison): boolean => stack.declaration.economics?.engineering !== undefined;

const withPeople = (comparison: Comparison): string => arePeopleCounted(comparison) ? 'with people counted' : 'without people';

/** Three digits; a start is rounded up and an end down, but not for what the search left open. */
const rounded = (multiple: number, rounding: 'up' | 'down'): Decimal => rounding === 'up'
  ? decimal(multiple).div(CLOSE).toSignificantDigits(3, Decimal.ROUND_UP)
  : decimal(multiple).times(CLOSE).toSignificantDigits(3, Decimal.ROUND_DOWN);

/** Runs a month at a multiple of today's volume. */
export const runsAt = ({ variants }: Comparison, multiple: Decimal | number): Decimal => variants[0]!.forecast.totals[0]!.runs.times(multiple);

const volume = (comparison: Comparison, multiple: Decimal): string => `${multiple.toFixed()}x today's volume (${count(runsAt(comparison, multiple))} runs a month)`;

export function breakEvenLine(comparison: Comparison, { other, advantage }: BreakEvenAgainst): string {
  const against = `Self-hosted against ${TITLES[other.kind]}, ${withPeople(comparison)}`;
  if ('unknown' in advantage) return `${against}: the break-even is unknown, because ${because(advantage.unknown)}.`;
  const { cheaper, comparedUpTo, limitedBy } = advantage;
  const from = cheaperFrom(advantage);
  const end = `${rounded(comparedUpTo, 'down').toFixed()}x`;
  const beyond = limitedBy.length > 0 ? ` Beyond ${end}: ${because(limitedBy)}.` : '';
  if (from !== undefined) return `${against}: costs less from ${volume(comparison, rounded(from, 'up'))} on, compared up to ${end}.${beyond}`;
  if (cheaper.length === 0) return `${against}: never costs less within ${volume(comparison, rounded(comparedUpTo, 'down'))}.${beyond}`;
  const steps = cheaper.map(range => `${rounded(range.from, 'up').toFixed()}x to ${rounded(range.to, 'down').toFixed()}x`);
  return `${against}: costs less only at ${because(steps)} of today's volume, compared up to ${end}.${beyond}`;
}

export function recommendationText(comparison: Comparison): string {
  const { recommendation, variants, stack } = comparison;
  const largest = variants.map(v => v.scales.at(-1)!);
  const at = `${largest[0]!.total.multiple.toFixed()}x`;
  if ('undecidedFor' in recommendation) {
    const open = recommendation.undecidedFor.map(({ kind }) => TITLES[kind]);
    return `No recommendation: not the whole cost of ${open.join(', ')} is known at ${at}, and what is unknown could decide.`;
  }
  const { best, meetsTarget } = recommendation;
  const target = stack.declaration.economics!.targetGrossMarginPercent;
  if (!meetsTarget) {
    return `No variant whose cost is known meets the target of ${target} % at ${at}; ${TITLES[best.kind]} costs least, at a margin of ${percent(best.total.margin.expected)}.`;
  }
  const rival = rivalOf(best, largest);
  const short = largest.filter(v => v.complete && v.usdWithPeople.lt(best.usdWithPeople)).map(({ kind }) => TITLES[kind]);
  const costs = rival ? differences(comparison, best.kind, rival.kind) : [];
  return `${advice(comparison, best)}: ${hasOwnGpus(best.kind) ? 'it' : TITLES[best.kind]} meets the target of ${target} % at ${at}`
    + `${rival && costs.length > 0 ? ` and costs ${costs.join(' and ')} than ${TITLES[rival.kind]}, ${withPeople(comparison)}` : ''}.`
    + (short.length > 0 ? ` What costs less misses the target: ${short.join(', ')}.` : '');
}

/** Own GPUs are weighed against the cheaper API, an API against own GPUs. */
function rivalOf(best: ScaledVariant, all: readonly ScaledVariant[]): ScaledVariant | undefined {
  if (!hasOwnGpus(best.kind)) return all.find(v => v.kind === 'selfHosted');
  return all.filter(v => !hasOwnGpus(v.kind)).sort((a, b) => a.usdWithPeople.comparedTo(b.usdWithPeople))[0];
}

function advice(comparison: Comparison, { kind, total }: ScaledVariant): string {
  if (kind === 'hybrid') return 'Go hybrid';
  if (kind !== 'selfHosted') return 'Don\'t self-host';
  const starts = comparison.breakEvens.map(({ advantage }) => 'unknown' in advantage ? undefined : cheaperFrom(advantage));
  const from = starts.every(start => start !== undefined) ? Math.max(...starts) : 0;
  // A break-even beyond the growth is no reason to wait for it: the target was the reason then.
  return from > 1 && total.multiple.gte(from) ? `Self-host from ${volume(comparison, rounded(from, 'up'))}` : 'Self-host';
}

/** "41 % less at 1x and 12 % less at 10x"; a cost that is a floor gives the least that is saved. */
function differences({ variants }: Comparison, best: VariantKind, rival: VariantKind): string[] {
  const [a, b] = [best, rival].map(kind => variants.find(v => v.kind === kind)!.scales);
  return a!.flatMap((mine, i) => {
    const theirs = b![i]!;
    const saved = theirs.usdWithPeople.minus(mine.usdWithPeople);
    if (!mine.complete || theirs.usdWithPeople.isZero() || (!theirs.complete && saved.lte(0))) return [];
    const share = saved.abs().div(theirs.usdWithPeople).times(100);
    return [`${theirs.complete ? '' : 'at least '}${share.toFixed(share.lt(10) ? 1 : 0)} % ${saved.lt(0) ? 'more' : 'less'} at ${mine.total.multiple.toFixed()}x`];
  });
}
