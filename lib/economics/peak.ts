/** Is the peak served: by the groups' maxima, and by the model quotas that were declared. */
import { Decimal, ZERO, decimal } from '../money';
import { tokenItem } from '../prices/token-overrides';
import { StackForecast } from './evaluate';
import { peakTokensPerMinute } from './load';

export interface QuotaNeed {
  readonly item: string;
  readonly tokensPerMinute: Decimal;
  /** null: not declared, so nobody can tell whether the provider will serve the peak. */
  readonly quota: Decimal | null;
}

export interface Peak {
  readonly callsInFlight: Decimal;
  readonly unserved: readonly { readonly path: string; readonly calls: Decimal }[];
  readonly quotas: readonly QuotaNeed[];
}

export function peakOf(forecast: StackForecast, multiple: Decimal): Peak {
  const needs = new Map<string, { tokensPerMinute: Decimal; quota: Decimal | null }>();
  for (const { declared } of forecast.workflows) {
    const misses = decimal(100).minus(declared.responseCacheHitPercent).div(100);
    for (const use of declared.servedBy) {
      const before = needs.get(tokenItem(use));
      const share = peakTokensPerMinute(declared, multiple).times(misses).times(use.sharePercent).div(100);
      const quota = use.quotaTokensPerMinute === undefined ? before?.quota ?? null : decimal(use.quotaTokensPerMinute);
      needs.set(tokenItem(use), { tokensPerMinute: (before?.tokensPerMinute ?? ZERO).plus(share), quota });
    }
  }
  return {
    callsInFlight: forecast.workflows.reduce((sum, { declared }) => sum.plus(declared.peakConcurrency), ZERO).times(multiple),
    unserved: forecast.totals.find(total => total.multiple.eq(multiple))?.shared.unserved ?? [],
    quotas: [...needs].map(([item, need]) => ({ item, ...need })),
  };
}
