/** How figures are written for people. Documents for programs use plain decimals instead. */
import { Decimal, decimal } from './money';

/** $1,234 for sums; with `places`, that many decimals. Cents are shown below a hundred dollars, and less is never $0. */
export function usd(value: Decimal, places?: number): string {
  if (value.gt(0) && value.lt(decimal(10).pow(-(places ?? 2)).div(2))) return `<$${decimal(10).pow(-(places ?? 2)).toFixed()}`;
  const decimals = places ?? (value.abs().lt(100) ? 2 : 0);
  const [whole, fraction] = value.abs().toFixed(decimals).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${value.lt(0) ? '-' : ''}$${grouped}${fraction ? `.${fraction}` : ''}`;
}

export const percent = (value: Decimal | null): string => value === null ? 'none (no revenue)' : `${value.toFixed(1)} %`;

export const count = (value: Decimal): string => value.toFixed(0).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
