/** CloudWatch Logs: gigabytes taken in and kept, metrics that filters make, and gigabytes that saved queries scan. */
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

export const logs: Family = {
  name: 'CloudWatch Logs',
  charges: {
    'AWS::Logs::LogGroup': group => {
      const logClass = group.text('LogGroupClass', 'STANDARD');
      if (logClass !== 'STANDARD') return [unpriced(`the price book has no prices for log class ${logClass}`)];
      return [usage('logs/ingestion'), usage('logs/storage'), ...extras(group, { DataProtectionPolicy: 'data protection' })];
    },
    'AWS::Logs::MetricFilter': filter => filter.parts('MetricTransformations').map(metricCharge),
    'AWS::Logs::QueryDefinition': () => [usage('logs/insights-scanned')],
  },
};

/** With dimensions, each combination of values that comes along is a metric. */
const metricCharge = (transformation: Resource): Charge =>
  transformation.parts('Dimensions').length > 0 ? usage('cloudwatch/metric', 1) : fixed('cloudwatch/metric', 1);
