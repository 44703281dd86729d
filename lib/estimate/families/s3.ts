/** S3 buckets: storage in the Standard class and requests by use. */
import { Charge, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

export const s3: Family = {
  name: 'S3',
  charges: { 'AWS::S3::Bucket': bucket => bucketCharges(bucket) },
};

const bucketCharges = (bucket: Resource): Charge[] => [
  usage('s3/storage'),
  usage('s3/write-request'),
  usage('s3/read-request'),
  ...bucket.parts('LifecycleConfiguration.Rules').flatMap(rule => extras(rule, {
    Transitions: 'another storage class', Transition: 'another storage class', NoncurrentVersionTransitions: 'another storage class',
    NoncurrentVersionTransition: 'another storage class',
  })),
  ...extras(bucket, {
    'AccelerateConfiguration.AccelerationStatus': 'transfer acceleration',
    AnalyticsConfigurations: 'storage class analysis',
    IntelligentTieringConfigurations: 'Intelligent-Tiering',
    InventoryConfigurations: 'inventory',
    MetadataConfiguration: 'metadata tables',
    MetadataTableConfiguration: 'metadata tables',
    ReplicationConfiguration: 'replication',
  }),
  ...bucket.parts('MetricsConfigurations').length > 0 ? [usage('cloudwatch/metric')] : [],
];
