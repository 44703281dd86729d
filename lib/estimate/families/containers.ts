/** ECR repositories by storage, EKS clusters by the hour in standard support; nodes are charged as what they run on. */
import { fixed, usage } from '../charge';
import { Family } from '../family';
import { hours } from './ebs';
import { extras } from './options';

export const containers: Family = {
  name: 'ECR and EKS',
  charges: {
    'AWS::ECR::Repository': () => [usage('ecr/storage')],
    // A Kubernetes version in extended support costs more; when that begins is not in the template.
    'AWS::EKS::Cluster': cluster => [
      fixed('eks/cluster', hours),
      ...extras(cluster, {
        'ComputeConfig.Enabled': 'Auto Mode',
        'ControlPlaneScalingConfig.Tier': 'a provisioned control plane',
        RemoteNetworkConfig: 'hybrid nodes',
        OutpostConfig: 'a cluster on Outposts',
      }),
    ],
  },
};
