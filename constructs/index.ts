/** Everything the package offers. */
export * from './checks/ai-margin-checks';
export * from './economics/ai-budget';
export * from './economics/alert-topic';
export * from './economics/cost-dashboard';
export * from './economics/model-use';
export * from './economics/price-override';
export * from './economics/revenue';
export * from './economics/unit-economics';
export * from './economics/workflow';
export * from './inference/bedrock-profile';
export * from './stacks/managed-api';
