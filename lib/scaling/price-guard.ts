/** Whether spot is worth buying: in some zones at some times it costs as much as on demand, and can still be taken away. */
import { ControllerConfig } from '../contracts/capacity-controller';
import { SpotPrice } from './seen';

/** At least one pool under the share of its on-demand price. What is not known does not block. */
export function spotIsCheap(prices: readonly SpotPrice[], instances: ControllerConfig['instances'], maxSpotPricePercent: number): boolean {
  const onDemand = new Map(instances.map(({ type, onDemandUsdPerHour }) => [type, onDemandUsdPerHour]));
  const pools = prices.filter(({ type }) => onDemand.has(type));
  return pools.length === 0 || pools.some(({ type, usdPerHour }) => {
    const full = onDemand.get(type);
    return !full || usdPerHour < full * maxSpotPricePercent / 100;
  });
}
