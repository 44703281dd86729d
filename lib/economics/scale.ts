/** At which multiples of today's usage and revenue a stack is judged. */
import { Declaration } from '../contracts/declaration';
import { Decimal, decimal } from '../money';

export interface Scale {
  readonly usage: Decimal;
  readonly revenue: Decimal;
}

/** 1x, and the declared growth where there is any. */
export function scalesOf({ economics }: Declaration): Scale[] {
  const one: Scale = { usage: decimal(1), revenue: decimal(1) };
  if (!economics || economics.growth.usageMultiple === 1) return [one];
  return [one, { usage: decimal(economics.growth.usageMultiple), revenue: decimal(economics.growth.revenueMultiple) }];
}
