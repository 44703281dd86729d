/** Whether spot is worth buying: in some zones at some times it costs as much as on demand, and can still be taken away. */
import { ControllerConfig } from '../contracts/capacity-controller';
import { SpotPrice } from './seen';

/**
 * At least one pool under the share of its on-demand price; Auto Scaling then chooses, and may also buy in a dear one. Only
 * pools whose on-demand price is known are judged; where none is, nothing is held back.
 */
export function spotIsCheap(prices: readonly SpotPrice[], instances: ControllerConfig['instances'], maxSpotPricePercent: number): boolean {
  const onDemand = new Map(instances.map(({ type, onDemandUsdPerHour }) => [type, onDemandUsdPerHour]));
  const judged = prices.flatMap(({ type, usdPerHour }) => {
    const full = onDemand.get(type);
    return full ? [usdPerHour < full * maxSpotPricePercent / 100] : [];
  });
  return judged.length === 0 || judged.some(Boolean);
}
