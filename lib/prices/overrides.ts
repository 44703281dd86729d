/** Which declared override counts for an item: the one that names it, else the longest prefix (`ec2/*`); the last among equals. */
import { PriceOverride } from '../contracts/declaration';

export function overrideFor(item: string, overrides: readonly PriceOverride[]): PriceOverride | undefined {
  let best: PriceOverride | undefined;
  for (const override of overrides) {
    if (matches(override.item, item) && (!best || specificity(override.item) >= specificity(best.item))) best = override;
  }
  return best;
}

const matches = (pattern: string, item: string): boolean =>
  pattern.endsWith('*') ? item.startsWith(pattern.slice(0, -1)) : item === pattern;

const specificity = (pattern: string): number => pattern.endsWith('*') ? pattern.length - 1 : Infinity;
