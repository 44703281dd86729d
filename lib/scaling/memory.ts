/** Folds what events told into the state. Facts come late, twice or in any order: told again, they change nothing. */
import { coolDown } from './cooldown';
import { Fact, LaunchFailure, Seen, inService } from './seen';
import { State } from './state';

const HOUR = 3_600_000;
/** A notice without an end (the instance stayed) is forgotten after this, and so is a launch failure. */
const FORGET = 2 * HOUR;
/** Failures told later than this count no more; well before they are forgotten, so that none counts twice. */
const TOO_LATE = HOUR;

export interface Memory {
  readonly state: State;
  readonly newFailures: Readonly<Record<LaunchFailure['group'], number>>;
}

export function remember(before: State, seen: Seen, now: number): Memory {
  const failures = seen.facts.filter(fact => fact.kind === 'launchFailure');
  const fresh = [...new Map(failures.map(failure => [failure.id, failure])).values()].filter(({ id, at }) => before.counted[id] === undefined && at > now - TOO_LATE);
  const { cooldown: beforeCooldown, capUntil: beforeCap, ...rest } = before;
  const cooldown = coolDown(beforeCooldown, fresh.filter(({ group }) => group === 'spot'), now);
  const capUntil = cap(beforeCap, seen.facts, now);
  return {
    state: {
      ...rest,
      notices: notices(before.notices, seen, now),
      replicas: replicas(before.replicas, seen, now),
      counted: young({ ...before.counted, ...Object.fromEntries(fresh.map(({ id, at }) => [id, Math.min(at, now)])) }, now),
      ...cooldown && { cooldown },
      ...capUntil && { capUntil },
      ...seen.spotPrices && { spotPrices: { at: now, pools: [...seen.spotPrices] } },
    },
    newFailures: { spot: count(fresh, 'spot'), onDemand: count(fresh, 'onDemand') },
  };
}

const count = (failures: readonly LaunchFailure[], group: LaunchFailure['group']): number => failures.filter(failure => failure.group === group).length;

const young = (instants: Record<string, number>, now: number): Record<string, number> =>
  Object.fromEntries(Object.entries(instants).filter(([, at]) => at > now - FORGET).map(([id, at]) => [id, Math.min(at, now)]));

/** Only of instances of the spot group: the bus tells of every interruption in the account. */
function notices(before: State['notices'], seen: Seen, now: number): State['notices'] {
  const present = new Set(seen.spot?.replicas.map(({ id }) => id));
  const after: State['notices'] = {};
  const note = (id: string, kind: 'interruption' | 'rebalance', told: number): void => {
    const at = Math.min(told, now);
    if (!present.has(id) || at <= now - FORGET) return;
    const known = after[id];
    // An interruption outranks a recommendation; of two alike the first counts.
    if (!known || (kind === 'interruption' && known.kind === 'rebalance') || (kind === known.kind && at < known.at)) after[id] = { kind, at };
  };
  for (const [id, { kind, at }] of Object.entries(before)) note(id, kind, at);
  for (const fact of seen.facts) if (fact.kind === 'interruption' || fact.kind === 'rebalance') note(fact.instance, fact.kind, fact.at);
  return after;
}

function replicas(before: State['replicas'], seen: Seen, now: number): State['replicas'] {
  return Object.fromEntries(inService(seen).map(({ id, healthy }) => {
    const known = before[id] ?? { firstSeen: now, healthy, since: now };
    const since = known.healthy === healthy ? known.since : now;
    return [id, { firstSeen: Math.min(known.firstSeen, now), healthy, since: Math.min(since, now) }];
  }));
}

/** A budget counts by calendar month (UTC), so its notification holds until the end of the month it came in. */
function cap(before: number | undefined, facts: readonly Fact[], now: number): number | undefined {
  const ends = facts.filter(({ kind }) => kind === 'spendCap').map(({ at }) => {
    const month = new Date(Math.min(at, now));
    return Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1);
  });
  const latest = Math.max(before ?? 0, ...ends);
  return latest > now ? latest : undefined;
}
