/** Replicas that scheduled floors keep ready: at an instant for the controller, and as shares of a year for a forecast. */
import { Cron } from 'croner';
import { ScheduledFloor } from '../contracts/gpu-group';

/** A fixed year, so that a forecast never depends on the day it is made. */
const YEAR_START = Date.UTC(2026, 0, 1);
const YEAR_END = Date.UTC(2027, 0, 1);

export interface FloorShare {
  readonly replicas: number;
  /** Of the year, 0 to 1. */
  readonly share: number;
}

/** The most replicas that the minimum and the floors active at `at` ask for. */
export function floorAt(floors: readonly ScheduledFloor[], minReplicas: number, at: Date): number {
  return Math.max(minReplicas, ...floors.filter(floor => isActive(floor, at.getTime())).map(floor => floor.minReplicas));
}

/** How much of the year 2026 each floor height holds, lowest first; the shares add up to 1. */
export function floorShares(floors: readonly ScheduledFloor[], minReplicas: number): FloorShare[] {
  const intervals = floors.flatMap(floor => intervalsOfYear(floor).map(interval => ({ ...interval, replicas: floor.minReplicas })));
  const edges = [...new Set([YEAR_START, YEAR_END, ...intervals.flatMap(({ from, to }) => [from, to])])].toSorted((a, b) => a - b);
  intervals.sort((a, b) => a.from - b.from);
  const millis = new Map<number, number>();
  let begun = 0;
  let active: typeof intervals = [];
  for (const [i, from] of edges.slice(0, -1).entries()) {
    active = active.filter(({ to }) => to > from);
    for (let next = intervals[begun]; next && next.from <= from; next = intervals[++begun]) active.push(next);
    const replicas = Math.max(minReplicas, ...active.map(interval => interval.replicas));
    millis.set(replicas, (millis.get(replicas) ?? 0) + edges[i + 1]! - from);
  }
  return [...millis].map(([replicas, length]) => ({ replicas, share: length / (YEAR_END - YEAR_START) })).toSorted((a, b) => a.replicas - b.replicas);
}

/** Why the schedule of a floor cannot be used; undefined where it can. */
export function floorProblem({ cron, timeZone }: ScheduledFloor): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5 || cron.includes('?')) {
    return `the schedule "${cron}" is not accepted: five fields are, minute hour day month weekday, such as "40 8 * * MON-FRI"`;
  }
  // Left out, the minute is "*": the floor would begin sixty times, and end an hour later than meant.
  if (!/^\d+$/.test(fields[0]!)) {
    return `the schedule "${cron}" begins at more than one minute of an hour: one number is accepted, and the duration says how long the floor holds`;
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return `the time zone "${timeZone}" is unknown: an IANA name is accepted, such as America/New_York`;
  }
  try {
    if (compile({ cron, timeZone }).nextRun(new Date(YEAR_START))) return undefined;
  } catch (error) {
    return `the schedule "${cron}" cannot be read: ${(error as Error).message}`;
  }
  return `the schedule "${cron}" never begins: a day that exists is accepted`;
}

const compile = ({ cron, timeZone }: Pick<ScheduledFloor, 'cron' | 'timeZone'>): Cron =>
  new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true });

/** Asked within the hour that comes twice, the calendar repeats a start of it; asked from before that hour, it does not. */
const TWICE = 2 * 3_600_000;

interface Starts {
  readonly cron: Cron;
  /** The last answer: `next` follows every instant in [after, next). */
  after: number;
  next: number;
}

/** A look at the calendar takes a fifth of a millisecond, and a simulation asks for every minute of a month. */
const STARTS = new WeakMap<ScheduledFloor, Starts>();

/** The first start after an instant; Infinity where none comes. */
function nextStart(floor: ScheduledFloor, after: number): number {
  let starts = STARTS.get(floor);
  if (!starts) STARTS.set(floor, starts = { cron: compile(floor), after: Infinity, next: -Infinity });
  if (after < starts.after || after >= starts.next) {
    const { cron } = starts;
    const following = (instant: number): number => cron.nextRun(new Date(instant))?.getTime() ?? Infinity;
    starts.next = following(after - TWICE);
    while (starts.next <= after) starts.next = following(starts.next);
    starts.after = after;
  }
  return starts.next;
}

/** Begun no longer ago than it lasts: so it also holds across a change of the clocks, for exactly its duration. */
const isActive = (floor: ScheduledFloor, at: number): boolean => nextStart(floor, at - floor.durationSeconds * 1000) <= at;

function intervalsOfYear(floor: ScheduledFloor): { from: number; to: number }[] {
  const length = floor.durationSeconds * 1000;
  const intervals: { from: number; to: number }[] = [];
  for (let start = nextStart(floor, YEAR_START - length); start < YEAR_END; start = nextStart(floor, start)) {
    const from = Math.max(start, YEAR_START);
    const to = Math.min(start + length, YEAR_END);
    const last = intervals.at(-1);
    if (last && last.to >= from) last.to = to;
    else intervals.push({ from, to });
  }
  return intervals;
}
