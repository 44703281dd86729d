/**
 * What MiniStack 1.5.33 cannot create and the harness therefore leaves out of a deploy: reviewed, and not to grow silently.
 * Nothing here is proved by the suites; the tests about this list fail when the emulator learns one of them.
 */
export interface Stripped {
  readonly type: string;
  /** Only resources of the type that have this property. */
  readonly having?: string;
  readonly reason: string;
}

export const STRIPPED: readonly Stripped[] = [
  { type: 'AWS::EC2::NatGateway', reason: 'MiniStack 1.5.33 has no NAT gateway' },
  { type: 'AWS::EC2::EIP', reason: 'MiniStack 1.5.33 has no elastic IP address in templates' },
  { type: 'AWS::EC2::SecurityGroupIngress', reason: 'MiniStack 1.5.33 has no standalone security-group rule' },
  { type: 'AWS::EC2::SecurityGroupEgress', reason: 'MiniStack 1.5.33 has no standalone security-group rule' },
  { type: 'AWS::ECS::CapacityProvider', reason: 'MiniStack 1.5.33 has no capacity provider in templates' },
  { type: 'AWS::ECS::ClusterCapacityProviderAssociations', reason: 'MiniStack 1.5.33 has no capacity provider in templates' },
  { type: 'AWS::Budgets::Budget', reason: 'MiniStack 1.5.33 has budgets, but not in templates' },
  { type: 'AWS::Bedrock::ApplicationInferenceProfile', reason: 'MiniStack 1.5.33 has no application inference profile in templates' },
  { type: 'AWS::CloudWatch::Alarm', having: 'Metrics', reason: 'MiniStack 1.5.33 refuses alarms on metric math' },
];
