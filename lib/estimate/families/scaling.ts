/** Application Auto Scaling: the bounds its targets set for a resource; and the alarms that scaling policies create. */
import { Charge, ReplicaBounds, fixed } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';

/** The bounds of one dimension of a resource, or of the part of it that `ending` names; as desired where nothing scales it. */
export function boundsOf(resource: Resource, dimension: string, desired: number, ending = ''): ReplicaBounds {
  const target = resource.siblings
    .pointingAt(resource, 'AWS::ApplicationAutoScaling::ScalableTarget', 'ResourceId')
    .find(t => t.text('ScalableDimension') === dimension && JSON.stringify(t.written('ResourceId')).includes(`${ending}"`));
  if (!target) return { min: desired, desired, max: desired };
  return { min: target.number('MinCapacity'), desired, max: target.number('MaxCapacity') };
}

/** Target tracking watches with two alarms, above and below the target, which are charged like any other alarm. */
const policyCharges = (policy: Resource): Charge[] =>
  policy.has('TargetTrackingScalingPolicyConfiguration') || policy.has('TargetTrackingConfiguration') ? [fixed('cloudwatch/alarm', 2)] : [];

export const scaling: Family = {
  name: 'Auto Scaling policies',
  charges: {
    'AWS::ApplicationAutoScaling::ScalingPolicy': policyCharges,
    'AWS::AutoScaling::ScalingPolicy': policyCharges,
  },
};
