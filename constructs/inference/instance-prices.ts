/** USD an hour of instances, from the same prices the checks use. */
import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { readPrices } from '../../lib/assembly/prices';
import { GpuGroup } from '../../lib/contracts/gpu-group';
import { UNKNOWN_REGION, withOverrides } from '../../lib/prices/book';
import { Price } from '../../lib/prices/price';
import { PRICES_CONTEXT } from '../prices-context';
import { StackDeclaration } from '../economics/stack-declaration';

function instancePrice(scope: IConstruct, item: string): Price {
  const book = readPrices(scope.node.tryGetContext(PRICES_CONTEXT) as string | undefined);
  const { pricingRegion, priceOverrides } = StackDeclaration.of(scope).economics();
  const { region } = Stack.of(scope);
  const priced = Token.isUnresolved(region) ? pricingRegion ?? UNKNOWN_REGION : region;
  return withOverrides(name => book.lookup(name, priced), priceOverrides)(item);
}

const usd = (price: Price & { known: true }): number => price.tiers[0].usd.expected.toNumber();

/** undefined where the price book does not know the item. */
export function knownUsdPerHour(scope: IConstruct, item: string): number | undefined {
  const price = instancePrice(scope, item);
  return price.known ? usd(price) : undefined;
}

/** Of the first instance type of a group; 0 for a market it does not buy in. Why not, where a price is unknown. */
export function usdPerHour(scope: IConstruct, { instances, purchase }: Pick<GpuGroup, 'instances' | 'purchase'>): { spot: number; onDemand: number } | { unknown: string } {
  const of = (market: string): Price => instancePrice(scope, `${market}/${instances[0]!.type}`);
  const [spot, onDemand] = [purchase.kind === 'onDemand' ? undefined : of('ec2-spot'), purchase.kind === 'spotOnly' ? undefined : of('ec2')];
  if (spot?.known === false) return { unknown: spot.reason };
  if (onDemand?.known === false) return { unknown: onDemand.reason };
  return { spot: spot?.known ? usd(spot) : 0, onDemand: onDemand?.known ? usd(onDemand) : 0 };
}
