/** CloudWatch alarms by the metrics they watch, and dashboards. The account's free allowances are not applied. */
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';

export const cloudwatch: Family = {
  name: 'CloudWatch',
  charges: {
    'AWS::CloudWatch::Alarm': alarm => alarmCharges(alarm),
    'AWS::CloudWatch::CompositeAlarm': () => [fixed('cloudwatch/composite-alarm', 1)],
    'AWS::CloudWatch::Dashboard': () => [fixed('cloudwatch/dashboard', 1)],
    'AWS::CloudWatch::AnomalyDetector': () => [unpriced('the price book has anomaly detection only as part of an alarm')],
    'AWS::CloudWatch::MetricStream': () => [unpriced('the price book has no prices for metric streams')],
    'AWS::CloudWatch::InsightRule': () => [unpriced('the price book has no prices for contributor insights')],
  },
};

/** A shorter period makes a high-resolution alarm. */
const STANDARD_SECONDS = 60;

/** An alarm on metric math is charged for each metric in it; one on an anomaly band as a set of three. */
function alarmCharges(alarm: Resource): Charge[] {
  const queries = alarm.parts('Metrics');
  const expressions = queries.filter(query => query.has('Expression')).map(query => query.text('Expression'));
  const metrics = queries.filter(query => query.has('MetricStat'));
  const periods = queries.length > 0
    ? metrics.map(metric => metric.number('MetricStat.Period'))
    : [alarm.number('Period', STANDARD_SECONDS)];
  const isHighResolution = periods.some(period => period < STANDARD_SECONDS);
  if (expressions.some(expression => expression.includes('ANOMALY_DETECTION_BAND'))) {
    return isHighResolution ? [fixed('cloudwatch/alarm-high-resolution', 3)] : [fixed('cloudwatch/anomaly-alarm', 1)];
  }
  const item = isHighResolution ? 'cloudwatch/alarm-high-resolution' : 'cloudwatch/alarm';
  // A Metrics Insights query is charged for as many metrics as it finds.
  if (expressions.some(expression => /^\s*select\b/i.test(expression))) return [usage(item, 1)];
  return [fixed(item, queries.length > 0 ? Math.max(metrics.length, 1) : 1)];
}
