/** Athena: terabytes that the queries of a workgroup scan, at least 10 MB each, by use. */
import { Charge, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';

export const athena: Family = {
  name: 'Athena',
  charges: {
    'AWS::Athena::WorkGroup': group => groupCharges(group),
    'AWS::Athena::CapacityReservation': () => [unpriced('the price book has no prices for provisioned query capacity')],
  },
};

function groupCharges(group: Resource): Charge[] {
  const engine = group.text('WorkGroupConfiguration.EngineVersion.SelectedEngineVersion', 'AUTO');
  return engine.toLowerCase().includes('spark')
    ? [unpriced('the price book has no prices for Athena for Apache Spark')]
    : [usage('athena/scanned')];
}
