/** Where the money goes at one scale: models by name, resources by the service that bills them. */
import { StackForecast } from './evaluate';
import { Decimal, ZERO } from '../money';

export interface NamedCost {
  readonly name: string;
  readonly monthlyUsd: Decimal;
}

/** The largest first; together they are the expected cost before credits. */
export function largestCosts(forecast: StackForecast, multiple: Decimal): NamedCost[] {
  const totals = new Map<string, Decimal>();
  const add = (name: string, monthlyUsd: Decimal): void => void totals.set(name, (totals.get(name) ?? ZERO).plus(monthlyUsd));
  for (const { tokens, declared } of forecast.workflows) {
    for (const model of tokens.models) add(model.item, model.perRun.expected.times(declared.runsPerMonth).times(multiple));
  }
  const shared = forecast.totals.find(total => total.multiple.eq(multiple))?.shared ?? forecast.bill;
  for (const { lines } of shared.resources) {
    for (const line of lines) if (line.monthlyUsd) add(line.item.split('/')[0]!, line.monthlyUsd.expected);
  }
  return [...totals].map(([name, monthlyUsd]) => ({ name, monthlyUsd }))
    .filter(cost => cost.monthlyUsd.gt(0)).sort((a, b) => b.monthlyUsd.comparedTo(a.monthlyUsd));
}
