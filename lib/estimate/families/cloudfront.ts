/** CloudFront: gigabytes to viewers in the United States by use; elsewhere they cost more. Requests have no built-in price. */
import { usage } from '../charge';
import { Family } from '../family';
import { extras } from './options';

export const cloudfront: Family = {
  name: 'CloudFront',
  charges: {
    'AWS::CloudFront::Distribution': distribution => [
      usage('cloudfront/us-out'),
      usage('cloudfront/request'),
      ...distribution.parts('DistributionConfig.Origins').flatMap(origin => extras(origin, { 'OriginShield.Enabled': 'Origin Shield' })),
    ],
  },
};
