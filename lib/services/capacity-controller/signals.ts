/** The calls in flight of a group from CloudWatch: as vLLM counts them, as the callers see them, and those refused. */
import { CloudWatchClient, GetMetricDataCommand, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { ControllerConfig } from '../../contracts/capacity-controller';
import { GPU_NAMESPACE, GROUP_DIMENSION, GpuMetric } from '../../contracts/metrics';
import { Signals } from '../../scaling/seen';
import { SignalsRead } from './aws';
import { CALL } from './sdk';

const MINUTE = 60_000;
/** Far enough back to find the last minute that was reported, and no further than it would be believed. */
const LOOK_BACK = 5 * MINUTE;
/** The load balancer's metrics arrive a minute or two late. */
const REFUSED_WITHIN = 3 * MINUTE;
/** Records of a minute arrive until this long after it; read earlier, its sums are too low. */
const SETTLED_AFTER = 30_000;

interface Point {
  /** Begin of its minute. */
  readonly from: number;
  readonly value: number;
}

/** Two requests: one about a metric that somebody else names must not take our own with it. */
export async function readSignals(client: CloudWatchClient, config: ControllerConfig, now: Date): Promise<SignalsRead> {
  const failures: string[] = [];
  const found = new Map<string, Point[]>();
  await Promise.all([ownQueries(config), callerQuery(config)].map(async queries => {
    if (queries.length === 0) return;
    try {
      for (const result of await ask(client, queries, now)) {
        const id = result.Id ?? '';
        if (result.StatusCode === 'Complete') found.set(id, pointsOf(result));
        else failures.push(`the query ${id} was answered with ${result.StatusCode ?? 'nothing'}${(result.Messages ?? []).map(({ Value }) => `: ${Value}`).join('')}`);
      }
    } catch (error) {
      failures.push(`the queries ${queries.map(({ Id }) => Id).join(', ')} failed: ${String(error)}`);
    }
  }));
  return { signals: signalsOf(found, now.getTime()), failures };
}

function signalsOf(found: ReadonlyMap<string, readonly Point[]>, now: number): Signals {
  const settled = (id: string): readonly Point[] => (found.get(id) ?? []).filter(({ from }) => from + MINUTE + SETTLED_AFTER <= now);
  const latest = (id: string): Point | undefined => settled(id).toSorted((a, b) => b.from - a.from)[0];
  const replicas = latest('replicas');
  const inFlight = replicas && settled('inFlight').find(({ from }) => from === replicas.from);
  const callers = latest('callers');
  const refused = found.get('refused')?.filter(({ from }) => from >= now - now % MINUTE - REFUSED_WITHIN);
  return {
    ...inFlight && { inFlight: { at: inFlight.from + MINUTE, inFlightSeconds: inFlight.value, replicaSeconds: replicas.value } },
    ...callers && { callerInFlight: { at: callers.from + MINUTE, calls: callers.value } },
    ...refused && { refused: refused.reduce((sum, { value }) => sum + value, 0) },
  };
}

async function ask(client: CloudWatchClient, MetricDataQueries: MetricDataQuery[], now: Date): Promise<MetricDataResult[]> {
  const minute = Math.floor(now.getTime() / MINUTE) * MINUTE;
  const { MetricDataResults = [] } = await client.send(new GetMetricDataCommand({
    MetricDataQueries, StartTime: new Date(minute - LOOK_BACK), EndTime: new Date(minute + MINUTE), ScanBy: 'TimestampDescending',
  }), CALL());
  // Without data, CloudWatch answers a query with an empty list; without an answer it is not known to be empty.
  return MetricDataQueries.map(({ Id }) => MetricDataResults.find(result => result.Id === Id) ?? { Id });
}

function ownQueries({ group, loadBalancer }: ControllerConfig): MetricDataQuery[] {
  const ofReplicas = (id: string, metric: GpuMetric): MetricDataQuery => query(id, GPU_NAMESPACE, metric, { [GROUP_DIMENSION]: group }, 'Sum');
  return [
    ofReplicas('inFlight', 'InFlightSeconds'), ofReplicas('replicas', 'ReplicaSeconds'),
    query('refused', 'AWS/ApplicationELB', 'HTTPCode_ELB_503_Count', { LoadBalancer: loadBalancer }, 'Sum'),
  ];
}

const callerQuery = ({ callerInFlight: metric }: ControllerConfig): MetricDataQuery[] =>
  metric ? [query('callers', metric.namespace, metric.metricName, metric.dimensions, metric.statistic)] : [];

function query(Id: string, Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>, Stat: string): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat } };
}

const pointsOf = ({ Timestamps = [], Values = [] }: MetricDataResult): Point[] =>
  Timestamps.map((timestamp, i) => ({ from: timestamp.getTime(), value: Values[i] ?? NaN })).filter(({ value }) => Number.isFinite(value));
