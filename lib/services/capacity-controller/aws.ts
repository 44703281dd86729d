/** What a tick reads of AWS and does there: the narrow port that the SDK fills in the Lambda, and a small world in the tests. */
import { LaunchFailure, Signals, SpotPrice } from '../../scaling/seen';

export interface AutoScalingGroupRead {
  readonly desired: number;
  readonly zones: readonly string[];
  /** It may end an instance in one zone before another, which takes minutes to load, serves in its place. */
  readonly rebalancesZones: boolean;
  readonly instances: readonly { readonly id: string; readonly lifecycle: 'launching' | 'inService' | 'leaving' }[];
}

export interface ContainerInstanceRead {
  readonly arn: string;
  readonly draining: boolean;
}

export interface SignalsRead {
  readonly signals: Signals;
  /** Why some of them are unknown. */
  readonly failures: readonly string[];
}

/** Every call ends: with an answer, or with an error after a deadline. */
export interface Aws {
  /** By name. One that does not exist is missing. */
  groups(names: readonly string[]): Promise<ReadonlyMap<string, AutoScalingGroupRead>>;
  /** Ids of the instances behind the target group that are healthy. */
  healthyInstances(): Promise<ReadonlySet<string>>;
  /** Those of the group, by instance id. */
  containerInstances(): Promise<ReadonlyMap<string, ContainerInstanceRead>>;
  deploying(): Promise<boolean>;
  signals(now: Date): Promise<SignalsRead>;
  spotPrices(now: Date): Promise<readonly SpotPrice[]>;
  /** The latest launches of the group that failed. */
  failedLaunches(group: string): Promise<readonly Pick<LaunchFailure, 'id' | 'quota' | 'at'>[]>;

  setDesired(group: string, desired: number): Promise<void>;
  stopRebalancingZones(group: string): Promise<void>;
  drain(containerInstances: readonly string[]): Promise<void>;
  /** The group replaces it. */
  replace(instance: string): Promise<void>;
}
