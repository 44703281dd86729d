/** The calls in flight of a group from CloudWatch, in one request: as vLLM counts them, as the callers see them, and those refused. */
import { CloudWatchClient, GetMetricDataCommand, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { ControllerConfig } from '../../contracts/capacity-controller';
import { GPU_NAMESPACE, GROUP_DIMENSION, GpuMetric } from '../../contracts/metrics';
import { Sample, Signals } from '../../scaling/seen';
import { CALL } from './sdk';

const MINUTE = 60_000;
/** Far enough back to find the last minute that was reported, and no further than it would be believed. */
const LOOK_BACK = 5 * MINUTE;
/** The load balancer's metrics arrive a minute or two late. */
const REFUSED_WITHIN = 3 * MINUTE;
const IN_FLIGHT: GpuMetric = 'InFlightSeconds';

export async function readSignals(client: CloudWatchClient, config: ControllerConfig, now: Date): Promise<Signals> {
  const minute = Math.floor(now.getTime() / MINUTE) * MINUTE;
  const answer = await client.send(new GetMetricDataCommand({
    MetricDataQueries: queries(config), StartTime: new Date(minute - LOOK_BACK), EndTime: new Date(minute + MINUTE), ScanBy: 'TimestampDescending',
  }), CALL());
  const results = new Map((answer.MetricDataResults ?? []).map(result => [result.Id, result]));
  const points = (id: string): Point[] => pointsOf(results.get(id), id);
  const inFlight = lastComplete(points('inFlight'), minute);
  const callerInFlight = config.callerInFlight && lastComplete(points('callers'), minute);
  return {
    // Calls times seconds in a minute, over its seconds.
    ...inFlight && { inFlight: { ...inFlight, calls: inFlight.calls / 60 } },
    ...callerInFlight && { callerInFlight },
    refused: points('refused').filter(({ from }) => from >= minute - REFUSED_WITHIN).reduce((sum, { value }) => sum + value, 0),
  };
}

function queries({ group, loadBalancer, callerInFlight }: ControllerConfig): MetricDataQuery[] {
  return [
    query('inFlight', GPU_NAMESPACE, IN_FLIGHT, { [GROUP_DIMENSION]: group }, 'Sum'),
    query('refused', 'AWS/ApplicationELB', 'HTTPCode_ELB_503_Count', { LoadBalancer: loadBalancer }, 'Sum'),
    ...callerInFlight ? [query('callers', callerInFlight.namespace, callerInFlight.metricName, callerInFlight.dimensions, callerInFlight.statistic)] : [],
  ];
}

function query(Id: string, Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>, Stat: string): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat } };
}

interface Point {
  /** Begin of its minute. */
  readonly from: number;
  readonly value: number;
}

/** Without data, CloudWatch answers with an empty list; anything else than a full answer is not a measurement. */
function pointsOf(result: MetricDataResult | undefined, id: string): Point[] {
  if (!result || result.StatusCode !== 'Complete') throw new Error(`CloudWatch answered the query ${id} with ${result?.StatusCode ?? 'nothing'}`);
  return (result.Timestamps ?? []).map((timestamp, i) => ({ from: timestamp.getTime(), value: result.Values?.[i] ?? NaN })).filter(({ value }) => Number.isFinite(value));
}

function lastComplete(points: readonly Point[], minute: number): Sample | undefined {
  const latest = points.filter(({ from }) => from < minute).toSorted((a, b) => b.from - a.from)[0];
  return latest && { at: latest.from + MINUTE, calls: latest.value };
}
