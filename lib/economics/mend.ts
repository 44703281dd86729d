/** What would mend a broken margin, one lever at a time: each line says how far that lever alone must move. */
import { Decimal, ZERO, decimal } from '../money';
import type { ScaleResult, WorkflowForecast } from './evaluate';

const usd = (value: Decimal): string => value.toDecimalPlaces(4, Decimal.ROUND_UP).toFixed();
const percent = (value: Decimal): string => `${value.toDecimalPlaces(1, Decimal.ROUND_UP).toFixed()} %`;

export function mendsOf(workflow: WorkflowForecast, at: ScaleResult): string[] {
  const excess = at.costPerRunUsd.expected.minus(at.acceptableCostPerRunUsd);
  if (excess.lte(0)) return [];
  const mends = [
    ...sharesThatMend(workflow, excess),
    ...hitRateThatMends(workflow, excess),
  ];
  const keep = decimal(100).minus(workflow.targetPercent);
  const needed = at.costPerRunUsd.expected.times(100).div(keep);
  mends.push(`revenue of at least $${usd(needed)} a run at ${at.multiple.toFixed()}x instead of $${usd(at.revenueUsd.div(at.runs))}`);
  return mends;
}

/** Moving calls from the dearest model to the cheapest. */
function sharesThatMend({ tokens }: WorkflowForecast, excess: Decimal): string[] {
  const perShare = tokens.models.filter(m => m.sharePercent > 0)
    .map(m => ({ ...m, usd: m.perRun.expected.div(m.sharePercent) }))
    .sort((a, b) => b.usd.comparedTo(a.usd));
  const [dearest, cheapest] = [perShare[0], perShare.at(-1)];
  if (!dearest || !cheapest || dearest === cheapest) return [];
  const move = excess.div(dearest.usd.minus(cheapest.usd));
  if (!move.isFinite() || move.gt(dearest.sharePercent)) return [];
  const left = decimal(dearest.sharePercent).minus(move).toDecimalPlaces(1, Decimal.ROUND_DOWN);
  return [`${dearest.item} ${dearest.sharePercent} -> ${left.toFixed()} % of calls, the rest to ${cheapest.item}`];
}

/** Answering more calls from a response cache. */
function hitRateThatMends({ tokens, declared }: WorkflowForecast, excess: Decimal): string[] {
  const perMissedPercent = decimal(100).minus(declared.responseCacheHitPercent);
  if (tokens.perRun.expected.lte(ZERO) || perMissedPercent.lte(0)) return [];
  const rise = excess.div(tokens.perRun.expected.div(perMissedPercent));
  const needed = rise.plus(declared.responseCacheHitPercent);
  return needed.lt(100) ? [`a response-cache hit rate of ${percent(needed)} instead of ${declared.responseCacheHitPercent} %`] : [];
}
