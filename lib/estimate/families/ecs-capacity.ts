/** Where an ECS service's tasks run: on Fargate, on Fargate Spot, or on instances that are charged elsewhere. */
import { Decimal, ZERO } from '../../money';
import { ReplicaShare } from '../charge';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';

/** How many of a service's tasks are on demand and how many spot; undefined for none. */
export interface FargateCapacity {
  readonly onDemand?: ReplicaShare;
  readonly spot?: ReplicaShare;
}

/** undefined where no task runs on Fargate. */
export function capacityOf(service: Resource): FargateCapacity | undefined {
  const strategy = service.parts('CapacityProviderStrategy');
  if (strategy.length > 0) return capacityIn(strategy);
  if (service.has('LaunchType')) return service.text('LaunchType') === 'FARGATE' ? { onDemand: count => count } : undefined;
  const cluster = service.references('Cluster').find(r => r.type === 'AWS::ECS::Cluster');
  if (!cluster) throw new Unresolvable('it runs where its cluster decides, and the cluster is not part of this template');
  const [association] = cluster.siblings.pointingAt(cluster, 'AWS::ECS::ClusterCapacityProviderAssociations', 'Cluster');
  return capacityIn((association ?? cluster).parts('DefaultCapacityProviderStrategy'));
}

interface Provider {
  readonly name: string;
  readonly base: number;
  readonly weight: number;
}

function capacityIn(strategy: readonly Resource[]): FargateCapacity | undefined {
  // A provider made in a template is an Auto Scaling group or managed instances, which are charged there.
  const providers = strategy.filter(s => s.references('CapacityProvider').length === 0).map((s): Provider => ({
    name: s.text('CapacityProvider'), base: s.number('Base', 0), weight: s.number('Weight', 0),
  }));
  const onDemand = providers.find(p => p.name === 'FARGATE');
  const spot = providers.find(p => p.name === 'FARGATE_SPOT');
  if (!spot) return onDemand && { onDemand: count => count };
  if (!onDemand) return { spot: count => count };
  const spotShare = shareOf(spot, onDemand);
  return { onDemand: count => count.minus(spotShare(count)), spot: spotShare };
}

/** A base comes first, the rest by weight; without weights in equal parts. */
function shareOf(own: Provider, other: Provider): ReplicaShare {
  const weights = own.weight + other.weight;
  return count => {
    const inBase = Decimal.min(count, own.base + other.base);
    const rest = count.minus(inBase).times(weights > 0 ? own.weight : 1).div(weights > 0 ? weights : 2);
    return (own.base > 0 ? Decimal.min(inBase, own.base) : ZERO).plus(rest);
  };
}
