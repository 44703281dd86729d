/** Tokens a minute that the peak asks of each model, against the quota that was declared for it. */
import { WorkflowDeclaration, isGpuGroup } from '../contracts/declaration';
import { Decimal, ZERO, decimal } from '../money';
import { tokenItem } from '../prices/token-overrides';
import { peakTokensPerMinute } from './load';

export interface QuotaNeed {
  readonly item: string;
  readonly tokensPerMinute: Decimal;
  /** null: not declared, so nobody can tell whether the provider will serve the peak. */
  readonly quota: Decimal | null;
}

export function quotaNeeds(workflows: readonly WorkflowDeclaration[], multiple: Decimal): QuotaNeed[] {
  const needs = new Map<string, { tokensPerMinute: Decimal; quota: Decimal | null }>();
  for (const workflow of workflows) {
    const misses = decimal(100).minus(workflow.responseCacheHitPercent).div(100);
    for (const use of workflow.servedBy.filter(u => !isGpuGroup(u))) {
      const before = needs.get(tokenItem(use));
      const share = peakTokensPerMinute(workflow, multiple).times(misses).times(use.sharePercent).div(100);
      const quota = use.quotaTokensPerMinute === undefined ? before?.quota ?? null : decimal(use.quotaTokensPerMinute);
      needs.set(tokenItem(use), { tokensPerMinute: (before?.tokensPerMinute ?? ZERO).plus(share), quota });
    }
  }
  return [...needs].map(([item, need]) => ({ item, ...need }));
}

export const isExceeded = ({ quota, tokensPerMinute }: QuotaNeed): boolean => quota !== null && quota.lt(tokensPerMinute);
