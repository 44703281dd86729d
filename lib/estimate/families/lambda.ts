/** Lambda: gigabyte-seconds by architecture, requests and storage beyond 512 MB by use. Its logs are charged as log groups. */
import { Charge, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

const FREE_STORAGE_MB = 512;

export const lambda: Family = {
  name: 'Lambda',
  charges: {
    'AWS::Lambda::Function': fn => functionCharges(fn),
    'AWS::Lambda::Alias': alias => provisionedConcurrency(alias),
    'AWS::Lambda::Version': version => provisionedConcurrency(version),
    'AWS::Lambda::EventSourceMapping': mapping => extras(mapping, { ProvisionedPollerConfig: 'provisioned polling' }),
  },
};

function functionCharges(fn: Resource): Charge[] {
  const arm = fn.list('Architectures').includes('arm64');
  return [
    usage(arm ? 'lambda/arm-duration' : 'lambda/x86-duration'),
    usage('lambda/request'),
    ...fn.number('EphemeralStorage.Size', FREE_STORAGE_MB) > FREE_STORAGE_MB ? [usage('lambda/ephemeral-storage')] : [],
    ...fn.text('TracingConfig.Mode', 'PassThrough') === 'Active' ? [usage('xray/trace')] : [],
    ...fn.text('Runtime', 'java').startsWith('java') ? [] : extras(fn, { 'SnapStart.ApplyOn': 'SnapStart' }), // Free for Java alone.
    ...extras(fn, {
      CapacityProviderConfig: 'running on managed instances', DurableConfig: 'durable execution', TenancyConfig: 'tenant isolation',
    }),
  ];
}

const provisionedConcurrency = (target: Resource): Charge[] => extras(target, {
  'ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions': 'provisioned concurrency',
});
