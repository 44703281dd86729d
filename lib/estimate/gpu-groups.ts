/** The Auto Scaling groups that a declared GPU group runs on: its controller sizes them, so the forecast of the group counts. */
import { GroupLoad, ReplicaHours, forecastReplicaHours } from '../capacity/forecast';
import { GpuGroup } from '../contracts/gpu-group';
import { HOURS_PER_MONTH, Range, ZERO, mapRange } from '../money';
import { ReplicaPlan } from './replicas';

/** What the workflows ask of each GPU group, by the group's path. */
export type GroupLoads = ReadonlyMap<string, GroupLoad>;

interface Market {
  readonly group: GpuGroup;
  readonly hoursOf: (hours: ReplicaHours) => Range;
  /** Calls that are not served are told once. */
  readonly tellsUnserved: boolean;
}

export class GpuGroups {
  private readonly markets: ReadonlyMap<string, Market>;

  public constructor(private readonly groups: readonly GpuGroup[]) {
    this.markets = new Map(groups.flatMap(group => [
      ...group.onDemandGroup ? [[group.onDemandGroup, { group, hoursOf: (h: ReplicaHours) => h.onDemand, tellsUnserved: true }] as const] : [],
      ...group.spotGroup ? [[group.spotGroup, { group, hoursOf: (h: ReplicaHours) => h.spot, tellsUnserved: !group.onDemandGroup }] as const] : [],
    ]));
  }

  /** The GPU group that a resource is part of. */
  public ownerOf(path: string): string | undefined {
    return this.groups.find(group => path === group.path || path.startsWith(`${group.path}/`))?.path;
  }

  public isSizedByLoad(path: string): boolean {
    return this.markets.has(path);
  }

  /** undefined for a resource that no GPU group runs on. */
  public planFor(path: string, loads: GroupLoads): ReplicaPlan | undefined {
    const market = this.markets.get(path);
    if (!market) return undefined;
    const { group } = market;
    const load = loads.get(group.path);
    const hours = forecastReplicaHours(group, load);
    const { minReplicas, maxReplicas } = group.scaling;
    return {
      count: mapRange(market.hoursOf(hours), value => value.div(HOURS_PER_MONTH)),
      split: hours.split,
      unserved: market.tellsUnserved ? hours.unserved : ZERO,
      undeclared: load || minReplicas === maxReplicas ? undefined : `${minReplicas} to ${maxReplicas}; no workflow of this stack is served by ${group.path}`,
    };
  }
}
