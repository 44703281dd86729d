/** Secrets Manager: secrets by the month, requests by use. */
import { fixed, unpriced, usage } from '../charge';
import { Family } from '../family';

export const secretsManager: Family = {
  name: 'Secrets Manager',
  charges: {
    'AWS::SecretsManager::Secret': secret => [
      fixed('secrets-manager/secret', 1),
      usage('secrets-manager/request'),
      ...secret.parts('ReplicaRegions').length > 0 ? [unpriced('replicas of a secret are charged at the prices of their regions')] : [],
    ],
  },
};
