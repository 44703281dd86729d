/**
 * Which declared override counts for something known under several names, the narrowest first (`aws/m/input`, `aws/m`):
 * the one that names it, by the first name; else the longest prefix (`ec2/*`); the last among equals.
 */
import { PriceOverride } from '../contracts/declaration';

export function overrideFor(names: readonly string[], overrides: readonly PriceOverride[]): PriceOverride | undefined {
  let best: { override: PriceOverride; rank: number } | undefined;
  for (const override of overrides) {
    const rank = rankOf(override.item, names);
    if (rank !== undefined && (!best || rank >= best.rank)) best = { override, rank };
  }
  return best?.override;
}

/** Above every length of a prefix. */
const EXACT = Number.MAX_SAFE_INTEGER;

function rankOf(pattern: string, names: readonly string[]): number | undefined {
  if (!pattern.endsWith('*')) return names.includes(pattern) ? EXACT - names.indexOf(pattern) : undefined;
  const prefix = pattern.slice(0, -1);
  return names.some(name => name.startsWith(prefix)) ? prefix.length : undefined;
}
