/** A region in memory behind the controller's port, with faults to order; and the state table, with its lease. */
import { ControllerConfig } from '../../../../lib/contracts/capacity-controller';
import { Fact, SpotPrice } from '../../../../lib/scaling/seen';
import { AutoScalingGroupRead, Aws, ContainerInstanceRead, SignalsRead } from '../../../../lib/services/capacity-controller/aws';
import { LeaseLost, Remembered, Store } from '../../../../lib/services/capacity-controller/store';

export const NOON = Date.UTC(2026, 4, 13, 12);
export const CONFIG: ControllerConfig = {
  group: 'Stack/Llama', stateTable: 'table', cluster: 'cluster', service: 'service', instanceAttribute: 'llama', targetGroupArn: 'arn:tg', loadBalancer: 'app/lb/1',
  spotGroup: 'spot', onDemandGroup: 'on-demand', coldStartSeconds: 300, floors: [],
  scaling: { minReplicas: 1, maxReplicas: 10, targetConcurrencyPerReplica: 32, idleHoldSeconds: 600 },
  purchase: { kind: 'spotWithFallback', onDemandBase: 1, holdSeconds: 900, maxSpotPricePercent: 80 },
  instances: [{ type: 'g6e.xlarge', onDemandUsdPerHour: 1.861 }],
};

interface Group {
  desired: number;
  free: number;
  instances: string[];
}

type Method = keyof Aws;

export class FakeRegion implements Aws {
  public readonly autoScaling: Record<string, Group> = { spot: { desired: 4, free: 10, instances: [] }, 'on-demand': { desired: 1, free: 10, instances: [] } };
  /** Groups that move instances between zones. */
  public readonly rebalancing = new Set<string>();
  public readonly unhealthy = new Set<string>();
  public readonly draining = new Set<string>();
  /** Instances that have not registered with the cluster. */
  public readonly unregistered = new Set<string>();
  public inFlight: number | undefined = 160;
  /** undefined where that query fails. */
  public refused: number | undefined = 0;
  public prices: SpotPrice[] = [{ type: 'g6e.xlarge', zone: 'a', usdPerHour: 0.997 }];
  public rolling = false;
  public readonly calls: string[] = [];
  /** Throws instead of doing what its name says. */
  public readonly failing = new Set<Method>();
  /** What a call waits for before it does anything. */
  public before: (method: Method) => Promise<void> = async () => undefined;
  private readonly failed: Record<string, { id: string; quota: boolean; at: number }[]> = { spot: [], 'on-demand': [] };
  private born = 0;

  public constructor(public now = NOON) {
    this.settle();
  }

  /** Groups reach what they were told, as far as capacity is free. */
  public settle(): void {
    for (const [name, group] of Object.entries(this.autoScaling)) {
      group.instances.length = Math.min(group.instances.length, group.desired);
      while (group.instances.length < group.desired && group.instances.length < group.free) group.instances.push(`${name}-${this.born++}`);
      if (group.instances.length < group.desired) this.failed[name]!.unshift({ id: `failure-${this.born++}`, quota: false, at: this.now });
    }
  }

  public take(instance: string): void {
    for (const group of Object.values(this.autoScaling)) group.instances = group.instances.filter(id => id !== instance);
  }

  public desired(): number[] {
    return Object.values(this.autoScaling).map(group => group.desired);
  }

  public groups(names: readonly string[]): Promise<ReadonlyMap<string, AutoScalingGroupRead>> {
    return this.answer('groups', () => new Map(names.flatMap(name => {
      const group = this.autoScaling[name];
      return group ? [[name, { desired: group.desired, zones: ['a', 'b'], rebalancesZones: this.rebalancing.has(name), instances: group.instances.map(id => ({ id, lifecycle: 'inService' as const })) }]] : [];
    })));
  }

  public healthyInstances(): Promise<ReadonlySet<string>> {
    return this.answer('healthyInstances', () => new Set(this.instances().filter(id => !this.unhealthy.has(id))));
  }

  public containerInstances(): Promise<ReadonlyMap<string, ContainerInstanceRead>> {
    const registered = this.instances().filter(id => !this.unregistered.has(id));
    return this.answer('containerInstances', () => new Map(registered.map(id => [id, { arn: `arn:${id}`, draining: this.draining.has(id) }])));
  }

  public deploying(): Promise<boolean> {
    return this.answer('deploying', () => this.rolling);
  }

  public signals(now: Date): Promise<SignalsRead> {
    const inFlight = this.inFlight;
    const serving = this.instances().filter(id => !this.unhealthy.has(id)).length;
    return this.answer('signals', () => ({
      signals: {
        ...inFlight !== undefined && { inFlight: { at: now.getTime() - 40_000, inFlightSeconds: inFlight * 60, replicaSeconds: serving * 60 } },
        ...this.refused !== undefined && { refused: this.refused },
      },
      failures: this.refused === undefined ? ['the query refused was answered with InternalError'] : [],
    }));
  }

  public spotPrices(): Promise<readonly SpotPrice[]> {
    return this.answer('spotPrices', () => this.prices);
  }

  public failedLaunches(group: string): Promise<readonly { id: string; quota: boolean; at: number }[]> {
    return this.answer('failedLaunches', () => this.failed[group]!);
  }

  public setDesired(group: string, desired: number): Promise<void> {
    return this.answer('setDesired', () => void (this.autoScaling[group]!.desired = desired), `${group} ${desired}`);
  }

  public stopRebalancingZones(group: string): Promise<void> {
    return this.answer('stopRebalancingZones', () => void this.rebalancing.delete(group), group);
  }

  public drain(containerInstances: readonly string[]): Promise<void> {
    return this.answer('drain', () => containerInstances.forEach(arn => this.draining.add(arn.replace('arn:', ''))), containerInstances.join());
  }

  public replace(instance: string): Promise<void> {
    return this.answer('replace', () => this.take(instance), instance);
  }

  private instances(): string[] {
    return Object.values(this.autoScaling).flatMap(group => group.instances);
  }

  private async answer<T>(method: Method, act: () => T, what = ''): Promise<T> {
    await this.before(method);
    this.calls.push(`${method} ${what}`.trim());
    if (this.failing.has(method)) throw new Error(`ThrottlingException: ${method}`);
    return act();
  }
}

/** As the table does it: each method at once, or not at all. */
export class FakeStore implements Store {
  public state: string | undefined;
  public inbox: string[] = [];
  public lease: { owner: string; until: number } | undefined;
  public failing = new Set<keyof Store>();

  public async record(facts: readonly Fact[]): Promise<void> {
    this.fault('record');
    this.inbox.push(...facts.map(fact => JSON.stringify(fact)));
  }

  public async acquire(owner: string, now: Date): Promise<Remembered | undefined> {
    this.fault('acquire');
    if (this.lease && this.lease.until >= now.getTime() && this.lease.owner !== owner) return undefined;
    this.lease = { owner, until: now.getTime() + 60_000 };
    return { ...this.state !== undefined && { state: this.state }, inbox: [...this.inbox] };
  }

  public async save(owner: string, state: string, consumed: number): Promise<void> {
    this.fault('save');
    if (this.lease?.owner !== owner) throw new LeaseLost('lost');
    this.state = state;
    this.inbox.splice(0, consumed);
    this.lease = undefined;
  }

  public async release(owner: string): Promise<void> {
    this.fault('release');
    if (this.lease?.owner === owner) this.lease = undefined;
  }

  private fault(method: keyof Store): void {
    if (this.failing.has(method)) throw new Error(`ProvisionedThroughputExceededException: ${method}`);
  }
}
