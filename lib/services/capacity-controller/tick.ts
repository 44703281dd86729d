/** One tick: read in parallel, decide, act. What a tick cannot do, the next one sees undone and tries again. */
import { ControllerConfig } from '../../contracts/capacity-controller';
import { ControllerMetric, Decision, decide } from '../../scaling/decide';
import { Fact, LaunchFailure, Replica, Seen, SeenGroup } from '../../scaling/seen';
import { State } from '../../scaling/state';
import { AutoScalingGroupRead, Aws, ContainerInstanceRead } from './aws';
import { Attempts } from './attempts';
import { Log } from './log';

const PRICES_READ_EVERY = 5 * 60_000;

export interface Tick {
  readonly state: State;
  readonly metrics: Readonly<Record<ControllerMetric, number>>;
}

interface Sizes {
  readonly spot: number;
  readonly onDemand: number;
}

interface Read {
  readonly seen: Seen;
  readonly containers: ReadonlyMap<string, ContainerInstanceRead>;
  /** Groups that still move instances between zones. */
  readonly rebalancing: readonly string[];
}

/** Throws where the groups or the target health cannot be read: nothing is then changed. */
export async function tick(config: ControllerConfig, aws: Aws, before: { state: State; facts: readonly Fact[] }, now: Date, log: Log): Promise<Tick> {
  const attempts = new Attempts(log);
  const { seen, containers, rebalancing } = await read(config, aws, before, now, attempts);
  const decision = decide(config, before.state, seen, now);
  for (const reason of decision.reasons) log('info', reason);
  if (decision.blind) attempts.note('no fresh count of the calls in flight was found, though replicas serve');
  const told = await act(config, aws, decision, { seen, containers, rebalancing }, attempts);
  return { state: decision.state, metrics: { ...decision.metrics, DesiredSpot: told.spot, DesiredOnDemand: told.onDemand, FailedActions: attempts.failed } };
}

async function read(config: ControllerConfig, aws: Aws, { state, facts }: { state: State; facts: readonly Fact[] }, now: Date, attempts: Attempts): Promise<Read> {
  const names = [config.spotGroup, config.onDemandGroup].filter(name => name !== undefined);
  const known = state.spotPrices;
  const pricesWanted = config.purchase.kind === 'spotWithFallback' && !(known && Math.abs(now.getTime() - known.at) < PRICES_READ_EVERY);
  const [groups, healthy, containers, deploying, signals, prices, spotFailures, onDemandFailures] = await Promise.all([
    aws.groups(names),
    aws.healthyInstances(),
    attempts.make('read container instances', () => aws.containerInstances()),
    attempts.make('read deployments', () => aws.deploying()),
    attempts.make('read metrics', () => aws.signals(now)),
    pricesWanted ? attempts.make('read spot prices', () => aws.spotPrices(now)) : undefined,
    failures(aws, 'spot', config.spotGroup, attempts),
    failures(aws, 'onDemand', config.onDemandGroup, attempts),
  ]);
  for (const failure of signals?.failures ?? []) attempts.note('failed to read a metric', failure);
  const group = (name: string | undefined): SeenGroup | undefined => name === undefined ? undefined : seenGroup(name, groups.get(name), healthy, containers);
  const spot = group(config.spotGroup);
  const seen: Seen = {
    spot, onDemand: group(config.onDemandGroup), signals: signals?.signals ?? {}, deploying,
    // Only of zones in which the group can launch.
    spotPrices: prices?.filter(({ zone }) => spot?.zones.includes(zone)),
    facts: [...facts, ...spotFailures, ...onDemandFailures],
  };
  return { seen, containers: containers ?? new Map(), rebalancing: names.filter(name => groups.get(name)?.rebalancesZones) };
}

/** The events about them are best effort. */
async function failures(aws: Aws, group: LaunchFailure['group'], name: string | undefined, attempts: Attempts): Promise<LaunchFailure[]> {
  if (name === undefined) return [];
  const found = await attempts.make(`read scaling activities of ${name}`, () => aws.failedLaunches(name));
  return (found ?? []).map(failure => ({ kind: 'launchFailure', group, ...failure }));
}

function seenGroup(
  name: string, group: AutoScalingGroupRead | undefined, healthy: ReadonlySet<string>, containers: ReadonlyMap<string, ContainerInstanceRead> | undefined,
): SeenGroup {
  if (!group) throw new Error(`the Auto Scaling group ${name} was not found`);
  const replicas = group.instances.map(({ id, lifecycle }): Replica => ({ id, lifecycle, healthy: healthy.has(id), draining: containers?.get(id)?.draining ?? false }));
  return { desired: group.desired, zones: group.zones, replicas };
}

/** First nothing new goes to what will vanish, then capacity is added, and only then taken away. Answers with the sizes as told. */
async function act(config: ControllerConfig, aws: Aws, decision: Decision, { seen, containers, rebalancing }: Read, attempts: Attempts): Promise<Sizes> {
  // One that has not registered yet has no calls to move.
  const doomed = decision.drain.flatMap(id => containers.get(id)?.arn ?? []);
  await Promise.all([
    doomed.length > 0 ? attempts.make(`drain ${decision.drain.join(', ')}`, () => aws.drain(doomed)) : undefined,
    ...rebalancing.map(name => attempts.make(`stop ${name} from rebalancing zones`, () => aws.stopRebalancingZones(name))),
  ]);

  const resize = async (name: string | undefined, from: number, to: number | undefined, grows: boolean): Promise<number> => {
    if (name === undefined || to === undefined || from === to || to > from !== grows) return from;
    return await attempts.make(`set ${name} from ${from} to ${to}`, () => aws.setDesired(name, to).then(() => to)) ?? from;
  };
  const resizeBoth = async ({ spot, onDemand }: Sizes, grows: boolean): Promise<Sizes> => {
    const sizes = await Promise.all([
      resize(config.spotGroup, spot, decision.spotDesired, grows), resize(config.onDemandGroup, onDemand, decision.onDemandDesired, grows),
    ]);
    return { spot: sizes[0], onDemand: sizes[1] };
  };
  const grown = await resizeBoth({ spot: seen.spot?.desired ?? 0, onDemand: seen.onDemand?.desired ?? 0 }, true);
  await Promise.all(decision.retire.map(id => attempts.make(`replace ${id}`, () => aws.replace(id))));
  return resizeBoth(grown, false);
}
