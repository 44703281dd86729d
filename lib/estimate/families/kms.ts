/** KMS keys: each customer key by the month, requests by use. */
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';

export const kms: Family = {
  name: 'KMS',
  charges: {
    'AWS::KMS::Key': key => keyCharges(key),
    'AWS::KMS::ReplicaKey': key => keyCharges(key),
  },
};

/** Each yearly rotation adds a dollar, up to two; that comes with time, not with the template. */
function keyCharges(key: Resource): Charge[] {
  const spec = key.text('KeySpec', 'SYMMETRIC_DEFAULT');
  return [
    fixed('kms/key', 1),
    spec === 'SYMMETRIC_DEFAULT' ? usage('kms/request') : unpriced(`the price book has no prices for requests to ${spec} keys`),
  ];
}
