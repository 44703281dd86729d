/** The calls in flight as CloudWatch tells them: whole minutes, once their records have arrived, each signal unknown by itself. */
import { ControllerConfig } from '../../../../lib/contracts/capacity-controller';
import { SignalsRead } from '../../../../lib/services/capacity-controller/aws';
import { SdkAws } from '../../../../lib/services/capacity-controller/sdk-aws';
import { Answer, Asked, AwsServer, json } from './aws-server';
import { CONFIG, NOON } from './region';

const MINUTE = 60_000;
const WITH_CALLERS: ControllerConfig = { ...CONFIG, callerInFlight: { namespace: 'Gateway', metricName: 'InFlight', dimensions: { Route: 'llama' }, statistic: 'Maximum' } };

/** Of metrics by the minute they begin, counted from noon: the values, or how the query fails. */
type Metrics = Record<string, Record<number, number> | string>;
interface Query { readonly Id: string; readonly MetricStat: { readonly Metric: { readonly MetricName: string } } }
const queriesOf = (body: Asked['body']): Query[] => body.MetricDataQueries as Query[];

let server: AwsServer;
let metrics: Metrics;
beforeEach(async () => {
  server = await AwsServer.start();
  metrics = {};
  server.answers.GetMetricData = answer;
});
afterEach(() => server.stop());

/** Within the time asked for, in the order asked for. */
function answer(body: Asked['body']): Answer {
  const { StartTime, EndTime } = body as unknown as { StartTime: number; EndTime: number };
  expect(body.ScanBy).toBe('TimestampDescending');
  return json({ MetricDataResults: queriesOf(body).map(({ Id, MetricStat: { Metric: { MetricName } } }) => {
    const found = metrics[MetricName] ?? {};
    if (typeof found === 'string') return { Id, StatusCode: found, Messages: [{ Code: found, Value: 'sorry' }] };
    const points = Object.entries(found).map(([minute, value]) => ({ at: NOON / 1000 + Number(minute) * 60, value }))
      .filter(({ at }) => at >= StartTime && at < EndTime).toSorted((a, b) => b.at - a.at);
    return { Id, StatusCode: 'Complete', Timestamps: points.map(({ at }) => at), Values: points.map(({ value }) => value) };
  }) });
}

const read = (secondsAfterNoon: number, config = CONFIG): Promise<SignalsRead> => new SdkAws(config).signals(new Date(NOON + secondsAfterNoon * 1000));

test('what the replicas recorded in the last minute whose records have arrived', async () => {
  metrics = { InFlightSeconds: { '-2': 60, '-1': 600, 0: 7 }, ReplicaSeconds: { '-2': 120, '-1': 118, 0: 30 } };
  const minute = (at: number, inFlightSeconds: number, replicaSeconds: number): SignalsRead =>
    ({ signals: { inFlight: { at: NOON + at * MINUTE, inFlightSeconds, replicaSeconds }, refused: 0 }, failures: [] });
  expect(await read(29)).toEqual(minute(-1, 60, 120));
  expect(await read(30)).toEqual(minute(0, 600, 118));
  expect(await read(89)).toEqual(minute(0, 600, 118));
  expect(await read(90)).toEqual(minute(1, 7, 30));
  // As old as it is, the decision finds it stale.
  expect(await read(290)).toEqual(minute(1, 7, 30));
  expect(await read(360)).toEqual({ signals: { refused: 0 }, failures: [] });
});

test('a minute in which replicas were up and calls are not recorded is unknown, and so is one recorded by nobody', async () => {
  metrics = { InFlightSeconds: { '-2': 60 }, ReplicaSeconds: { '-2': 60, '-1': 0 } };
  expect((await read(30)).signals.inFlight).toBeUndefined();
  metrics = { InFlightSeconds: { '-1': 60 } };
  expect((await read(30)).signals.inFlight).toBeUndefined();
});

test('refused calls of the last three minutes, the present one included', async () => {
  metrics = { HTTPCode_ELB_503_Count: { '-4': 1, '-3': 20, '-2': 300, '-1': 4000, 0: 50_000 } };
  expect((await read(10)).signals).toEqual({ refused: 54_320 });
  expect((await read(59)).signals.refused).toBe(54_320);
  expect((await read(180)).signals.refused).toBe(50_000);
  expect((await read(240)).signals.refused).toBe(0);
});

test('what the callers see, by their own metric', async () => {
  metrics = { InFlight: { '-1': 12.5, 0: 99 } };
  expect((await read(45, WITH_CALLERS)).signals).toEqual({ callerInFlight: { at: NOON, calls: 12.5 }, refused: 0 });
  const [own, callers] = server.asked.map(({ body }) => queriesOf(body)).toSorted((a, b) => b.length - a.length);
  expect(own).toEqual([
    { Id: 'inFlight', MetricStat: { Metric: { Namespace: 'AiMargin/Gpu', MetricName: 'InFlightSeconds', Dimensions: [{ Name: 'Group', Value: 'Stack/Llama' }] }, Period: 60, Stat: 'Sum' } },
    { Id: 'replicas', MetricStat: { Metric: { Namespace: 'AiMargin/Gpu', MetricName: 'ReplicaSeconds', Dimensions: [{ Name: 'Group', Value: 'Stack/Llama' }] }, Period: 60, Stat: 'Sum' } },
    { Id: 'refused', MetricStat: { Metric: { Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_ELB_503_Count', Dimensions: [{ Name: 'LoadBalancer', Value: 'app/lb/1' }] }, Period: 60, Stat: 'Sum' } },
  ]);
  expect(callers).toEqual([
    { Id: 'callers', MetricStat: { Metric: { Namespace: 'Gateway', MetricName: 'InFlight', Dimensions: [{ Name: 'Route', Value: 'llama' }] }, Period: 60, Stat: 'Maximum' } },
  ]);
});

describe('one signal fails', () => {
  const all: Metrics = { InFlightSeconds: { '-1': 60 }, ReplicaSeconds: { '-1': 60 }, HTTPCode_ELB_503_Count: { '-1': 3 }, InFlight: { '-1': 5 } };
  const whole = { inFlight: { at: NOON, inFlightSeconds: 60, replicaSeconds: 60 }, callerInFlight: { at: NOON, calls: 5 }, refused: 3 };

  test('nothing failed', async () => {
    metrics = all;
    expect(await read(45, WITH_CALLERS)).toEqual({ signals: whole, failures: [] });
  });

  test.each([['InFlightSeconds', 'inFlight'], ['ReplicaSeconds', 'inFlight'], ['HTTPCode_ELB_503_Count', 'refused'], ['InFlight', 'callerInFlight']] as const)(
    'the query of %s: only %s is unknown, and why is told', async (metric, unknown) => {
      metrics = { ...all, [metric]: 'InternalError' };
      const { signals, failures } = await read(45, WITH_CALLERS);
      expect(signals).toEqual({ ...whole, [unknown]: undefined });
      expect(failures).toEqual([expect.stringMatching(/^the query \w+ was answered with InternalError: sorry$/)]);
    });

  test('a request that is refused for the metric of the callers does not take the others with it, nor the reverse', async () => {
    metrics = all;
    let refusedFor = 'callers';
    server.answers.GetMetricData = body => queriesOf(body).some(({ Id }) => Id === refusedFor)
      ? { status: 400, text: '{"__type":"ValidationError","message":"no such statistic"}' } : answer(body);
    expect(await read(45, WITH_CALLERS)).toEqual({
      signals: { inFlight: whole.inFlight, refused: 3 }, failures: [expect.stringMatching(/^the queries callers failed: .*no such statistic/)],
    });
    refusedFor = 'refused';
    expect(await read(45, WITH_CALLERS)).toEqual({
      signals: { callerInFlight: whole.callerInFlight }, failures: [expect.stringMatching(/^the queries inFlight, replicas, refused failed/)],
    });
  });

  test('a query without an answer', async () => {
    server.answers.GetMetricData = () => json({ MetricDataResults: [] });
    expect(await read(45)).toEqual({ signals: {}, failures: ['inFlight', 'replicas', 'refused'].map(id => `the query ${id} was answered with nothing`) });
  });
});
