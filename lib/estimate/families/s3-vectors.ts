/** S3 Vectors, by use of its indexes. Data processed by queries has three prices, by the size of the index: declare the one that fits. */
import { usage } from '../charge';
import { Family } from '../family';

export const s3Vectors: Family = {
  name: 'S3 Vectors',
  charges: {
    'AWS::S3Vectors::VectorBucket': () => [],
    'AWS::S3Vectors::VectorBucketPolicy': () => [],
    'AWS::S3Vectors::Index': () => [
      usage('s3-vectors/storage'),
      usage('s3-vectors/put'),
      usage('s3-vectors/query'),
      usage('s3-vectors/query-data-first-100k'),
      usage('s3-vectors/query-data-100k-to-10m'),
      usage('s3-vectors/query-data-over-10m'),
      usage('s3-vectors/query-data-returned'),
    ],
  },
};
