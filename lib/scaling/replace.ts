/** Replicas that are not healthy, and which instance is replaced: one at a time, so that its successor is seen before the next goes. */
import { Policy } from './policy';
import { Seen, SeenGroup, inService } from './seen';
import { State } from './state';

/** So long past its start-up time nothing is to be hoped for; whoever is alarmed has had a look at it before. */
const HOPELESS = 15 * 60_000;

/** While a new version comes, replicas are stopped and started in turn. */
export function unhealthy({ coldStartSeconds }: Policy, { replicas, notices }: State, seen: Seen, now: number): number {
  if (seen.deploying) return 0;
  return inService(seen).filter(({ id, healthy, draining }) =>
    !healthy && !draining && !notices[id] && now - replicas[id]!.firstSeen > coldStartSeconds * 1000).length;
}

export interface Replaceable {
  readonly state: State;
  readonly spotDesired: number | undefined;
  readonly onDemandDesired: number | undefined;
  /** Ready replicas cover the demand, and more spot may be bought. */
  readonly spareSpot: boolean;
  readonly now: number;
}

/** Not of a group that shrinks: it stops an instance besides. */
export function toReplace({ coldStartSeconds }: Policy, seen: Seen, { state, spotDesired, onDemandDesired, spareSpot, now }: Replaceable): string[] {
  const { notices, replicas } = state;
  const spot = steady(seen.spot, spotDesired);
  const recommended = spot.filter(id => spareSpot && notices[id]?.kind === 'rebalance').toSorted((a, b) => notices[a]!.at - notices[b]!.at || (a < b ? -1 : 1));
  const lastHope = now - coldStartSeconds * 1000 - HOPELESS;
  // Of an instance that waits for a new version, nobody knows whether it is to blame.
  const hopeless = [...spot, ...steady(seen.onDemand, onDemandDesired)].filter(id =>
    seen.deploying === false && !notices[id] && !replicas[id]!.healthy && replicas[id]!.since < lastHope);
  return [...recommended, ...hopeless].slice(0, 1);
}

function steady(group: SeenGroup | undefined, desired: number | undefined): string[] {
  const there = (group?.replicas ?? []).filter(({ lifecycle }) => lifecycle !== 'leaving');
  return there.length > (desired ?? 0) ? [] : there.filter(({ lifecycle }) => lifecycle === 'inService').map(({ id }) => id);
}
