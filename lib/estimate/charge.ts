/** What a service family says a resource is charged for, before prices, declared usage and growth are applied. */
import { Decimal, Numeric, Range, exactly } from '../money';
import { Unresolvable } from './intrinsics';

/** Replicas of one size that a group keeps running; how many depends on the load where capacity is declared. */
export interface ReplicaBounds {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

export type ReplicaShare = (replicas: Decimal) => Decimal;

export type Charge =
  /** Runs or exists whatever the usage. */
  | { readonly kind: 'fixed'; readonly item: string; readonly quantity: Range }
  /** Follows usage, which somebody must declare under this item. */
  | { readonly kind: 'usage'; readonly item: string; readonly atLeast?: Numeric }
  /** So much of the item per replica and month, times the replicas of the group. */
  | {
    readonly kind: 'replicas';
    readonly item: string;
    readonly perReplica: Range;
    readonly group: ReplicaBounds;
    /** How many of the group's replicas this item is for; all of them where absent. */
    readonly share?: ReplicaShare;
    /** Items the group may use in place of this one: their prices widen its range. */
    readonly alternatives?: readonly string[];
  }
  /** Costs money, but this cannot be told how much. */
  | { readonly kind: 'unpriced'; readonly reason: string };

export const fixed = (item: string, quantity: Numeric | Range): Charge =>
  ({ kind: 'fixed', item, quantity: isRange(quantity) ? quantity : exactly(quantity) });

export const usage = (item: string, atLeast?: Numeric): Charge => ({ kind: 'usage', item, atLeast });

export const replicas = (
  item: string, perReplica: Numeric | Range, group: ReplicaBounds,
  options: { readonly share?: ReplicaShare; readonly alternatives?: readonly string[] } = {},
): Charge => ({ kind: 'replicas', item, perReplica: isRange(perReplica) ? perReplica : exactly(perReplica), group, ...options });

/** The charges of one part of a resource; where the template cannot tell, that part is unpriced and the rest is not. */
export function orUnpriced(part: () => Charge[]): Charge[] {
  try {
    return part();
  } catch (error) {
    if (error instanceof Unresolvable) return [unpriced(error.message)];
    throw error;
  }
}

export const unpriced = (reason: string): Charge => ({ kind: 'unpriced', reason });

const isRange = (value: Numeric | Range): value is Range =>
  typeof value === 'object' && 'expected' in value;
