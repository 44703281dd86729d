/**
 * OpenSearch Serverless: the capacity units that are never released, once for the collections that share them, and by use
 * what goes beyond (declare only those). Collections share within a KMS key, which an encryption policy chooses and a
 * template hardly tells: one key is assumed, so several keys cost more than this says.
 */
import { HOURS_PER_MONTH } from '../../money';
import { Charge, fixed, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Unresolvable } from '../intrinsics';
import { Resource } from '../resource';
import { extras } from './options';

export const opensearchServerless: Family = {
  name: 'OpenSearch Serverless',
  charges: {
    'AWS::OpenSearchServerless::Collection': collection => collectionCharges(collection),
    // Its capacity is charged through its collections.
    'AWS::OpenSearchServerless::CollectionGroup': group => extras(group, {
      'CapacityLimits.MinIndexingCapacityInOcu': 'capacity kept for indexing',
      'CapacityLimits.MinSearchCapacityInOcu': 'capacity kept for search',
    }),
  },
};

function collectionCharges(collection: Resource): Charge[] {
  const group = groupOf(collection);
  if (collection.has('CollectionGroupName') && !group) throw new Unresolvable('its collection group is not part of this template');
  if (group?.text('Generation', 'CLASSIC') === 'NEXTGEN') {
    const reason = 'a NEXTGEN collection scales to zero; the price of its capacity units is not verified';
    return [unpriced(reason), usage('opensearch-serverless/storage')];
  }
  const standby = collection.text('StandbyReplicas', 'ENABLED') !== 'DISABLED';
  const first = collection.siblings.ofType(collection.type).find(other => poolOf(other) === poolOf(collection));
  return [
    ...first === collection ? [fixed('opensearch-serverless/ocu', HOURS_PER_MONTH.times(standby ? 2 : 1))] : [],
    usage('opensearch-serverless/ocu'),
    usage('opensearch-serverless/storage'),
  ];
}

function groupOf(collection: Resource): Resource | undefined {
  const groups = collection.siblings.ofType('AWS::OpenSearchServerless::CollectionGroup');
  const referred = collection.references('CollectionGroupName');
  return groups.find(group => referred.includes(group))
    ?? groups.find(group => JSON.stringify(group.written('Name')) === JSON.stringify(collection.written('CollectionGroupName')));
}

/** What shares its capacity: never vector search with the rest, standby replicas with none, nor different groups. */
const poolOf = (collection: Resource): string => JSON.stringify([
  collection.written('Type') === 'VECTORSEARCH', collection.written('StandbyReplicas') ?? 'ENABLED', groupOf(collection)?.logicalId,
]);
