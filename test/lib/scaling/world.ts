/** A small simulated region: capacity comes and goes, replicas take time to start, groups do what they are told, sometimes. */
import { Decision } from '../../../lib/scaling/decide';
import { Fact, Replica, Seen, SeenGroup } from '../../../lib/scaling/seen';
import { MINUTE, sample } from './policies';

interface Instance {
  readonly id: string;
  readonly launched: number;
  interruptedAt?: number;
  draining?: boolean;
  /** Never answers. */
  readonly broken: boolean;
}

interface Group {
  readonly kind: 'spot' | 'onDemand';
  desired: number;
  instances: Instance[];
}

/** What happens in the next minute. */
export interface Minute {
  readonly calls: number;
  readonly spotFree: number;
  readonly onDemandFree: number;
  /** Interrupts, or recommends to replace, the spot instance at this place, if there is one. */
  readonly interrupt?: number;
  readonly recommend?: number;
  /** An interruption warns two minutes ahead, or not at all. */
  readonly warned: boolean;
  readonly notice: 'told' | 'lost' | 'twice' | 'late';
  /** `partial`: of three replicas that answer, one reports. */
  readonly metrics: 'known' | 'partial' | 'stale' | 'unreadable';
  readonly capped: boolean;
  readonly deploying: boolean;
  /** How far the controller's clock is off, in seconds. */
  readonly skew: number;
  readonly actionsFail: boolean;
  readonly spotUsd: number;
  /** Why launches fail. */
  readonly quota: boolean;
  /** What is launched now never answers. */
  readonly breaks: 'none' | 'spot' | 'both';
}

export class World {
  public readonly spot: Group = { kind: 'spot', desired: 0, instances: [] };
  public readonly onDemand: Group = { kind: 'onDemand', desired: 0, instances: [] };
  private born = 0;
  private late: Fact[] = [];
  private failures: Fact[] = [];

  public constructor(public now: number, private readonly coldStartMs: number) {}

  /** A minute passes; then the controller looks. `told` are the notices that reach it, `sent` those that were meant to. */
  public pass(minute: Minute): { seen: Seen; told: Fact[]; sent: Fact[]; polled: Fact[] } {
    this.now += MINUTE;
    this.spot.instances = this.spot.instances.filter(({ interruptedAt }) => interruptedAt === undefined || interruptedAt > this.now);
    const sent: Fact[] = [];
    const warn = (place: number | undefined, kind: 'interruption' | 'rebalance'): void => {
      const instance = place === undefined ? undefined : this.spot.instances[place];
      if (!instance) return;
      if (kind === 'interruption') instance.interruptedAt ??= this.now + (minute.warned ? 2 * MINUTE : 1);
      sent.push({ kind, instance: instance.id, at: this.now });
    };
    warn(minute.interrupt, 'interruption');
    warn(minute.recommend, 'rebalance');
    this.failures = this.failures.filter(({ at }) => at > this.now - 60 * MINUTE);
    this.resize(this.spot, minute.spotFree, minute);
    this.resize(this.onDemand, minute.onDemandFree, minute);
    const told = [...this.late, ...{ told: sent, lost: [], twice: [...sent, ...sent], late: [] }[minute.notice]];
    this.late = minute.notice === 'late' ? sent : [];
    return { seen: this.look(minute, told), told, sent, polled: this.failures };
  }

  public act({ spotDesired, onDemandDesired, drain, retire }: Decision): void {
    this.spot.desired = spotDesired!;
    this.onDemand.desired = onDemandDesired!;
    for (const instance of this.spot.instances) if (drain.includes(instance.id)) instance.draining = true;
    for (const group of [this.spot, this.onDemand]) group.instances = group.instances.filter(({ id }) => !retire.includes(id));
  }

  public ready(group: Group): number {
    return group.instances.filter(instance => this.isHealthy(instance) && !instance.draining).length;
  }

  private isHealthy({ launched, broken }: Instance): boolean {
    return !broken && this.now - launched >= this.coldStartMs;
  }

  /** The newest go first, as the termination policy of the groups has it. */
  private resize(group: Group, free: number, { quota, breaks }: Minute): void {
    group.instances = group.instances.slice(0, Math.max(0, group.desired));
    while (group.instances.length < group.desired) {
      const id = `${group.kind}-${this.born++}`;
      if (group.instances.length >= free) {
        this.failures.push({ kind: 'launchFailure', group: group.kind, id, quota, at: this.now });
        return;
      }
      group.instances.push({ id, launched: this.now, broken: breaks === 'both' || breaks === group.kind });
    }
  }

  private look({ calls, metrics, deploying, spotUsd }: Minute, told: readonly Fact[]): Seen {
    const healthy = [...this.spot.instances, ...this.onDemand.instances].filter(instance => this.isHealthy(instance)).length;
    const share = metrics === 'partial' ? Math.floor(healthy / 3) / healthy : 1;
    const inFlight = sample(this.now - (metrics === 'stale' ? 10 * MINUTE : 0), calls * share, healthy * share);
    const serving = healthy > 0;
    return {
      spot: this.seen(this.spot), onDemand: this.seen(this.onDemand), deploying,
      // No replica, no metrics of vLLM: then only refused calls are seen.
      signals: metrics === 'unreadable' ? {} : { ...serving && { inFlight }, refused: serving ? 0 : calls },
      spotPrices: [{ type: 'g6e.xlarge', zone: 'a', usdPerHour: spotUsd }],
      facts: [...told, ...this.failures],
    };
  }

  private seen({ desired, instances }: Group): SeenGroup {
    const replicas = instances.map((instance): Replica =>
      ({ id: instance.id, lifecycle: instance.launched === this.now ? 'launching' : 'inService', healthy: this.isHealthy(instance), draining: instance.draining ?? false }));
    return { desired, zones: ['a'], replicas };
  }
}
