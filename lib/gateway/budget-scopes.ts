/**
 * Which counters a call's money counts in, and what each of their limits does. Budgets of one scope and period share a
 * counter: degrade at $9,000 and block at $12,000 are two limits on the same sum.
 */
import { Budget } from '../contracts/gateway';
import { Counter, NanoUsd } from './ledger';

export const NANO_PER_USD = 1e9;

/** Who and what a call is for. */
export interface Payer {
  readonly workflow: string;
  readonly tenant: string;
  readonly key: string;
}

export interface ScopedCounter extends Counter {
  /** Lowest first. */
  readonly budgets: readonly Budget[];
}

export function countersOf(budgets: readonly Budget[], payer: Payer): ScopedCounter[] {
  const counters = new Map<string, { name: string; period: Budget['period']; budgets: Budget[] }>();
  for (const budget of budgets) {
    const whose = budget.scope === 'global' ? undefined : payer[budget.scope];
    if (budget.of !== undefined && budget.of !== whose) continue;
    const name = whose === undefined ? 'global' : `${budget.scope}:${whose}`;
    const counter = counters.get(`${name} ${budget.period}`) ?? { name, period: budget.period, budgets: [] };
    counters.set(`${name} ${budget.period}`, counter);
    counter.budgets.push(budget);
  }
  return [...counters.values()].map(counter => ({ ...counter, budgets: counter.budgets.sort((a, b) => a.usd - b.usd) }));
}

/** The limits that hold for a tier: those of this tier or of all, and no budget that degrades stops the cheapest one. */
export const enforced = (counter: ScopedCounter, { tier, cheapest }: { readonly tier: string; readonly cheapest: boolean }): readonly Budget[] =>
  counter.budgets.filter(({ tiers, onExhausted }) => (tiers?.includes(tier) ?? true) && !(cheapest && onExhausted === 'degrade'));

/** The lowest limit: the one that ends a call first. */
export const limitOf = (budgets: readonly Budget[]): NanoUsd | null => budgets.length === 0 ? null : nano(budgets[0]!.usd);

export const nano = (usd: number): NanoUsd => Math.round(usd * NANO_PER_USD);

/**
 * Of the limits that do not let the call pass, the one that speaks. Where the lowest degrades, the cheaper tier is then held
 * against the others itself; otherwise the one that does the most: a block is not softened by a throttle below it.
 */
export function exhaustedBy(budgets: readonly Budget[], wanted: NanoUsd): Budget {
  const exceeded = budgets.filter(budget => wanted > nano(budget.usd));
  const lowest = exceeded[0] ?? budgets[0]!;
  return lowest.onExhausted === 'degrade' ? lowest : exceeded.find(budget => budget.onExhausted === 'block') ?? lowest;
}
