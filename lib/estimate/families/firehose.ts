/** Firehose: gigabytes taken in, each record rounded up to 5 KB, by use. */
import { unpriced, usage } from '../charge';
import { Family } from '../family';
import { extras } from './options';

const PRICED_SOURCES = ['DirectPut', 'KinesisStreamAsSource'];

export const firehose: Family = {
  name: 'Firehose',
  charges: {
    'AWS::KinesisFirehose::DeliveryStream': stream => {
      const source = stream.text('DeliveryStreamType', 'DirectPut');
      return [
        PRICED_SOURCES.includes(source) ? usage('firehose/ingestion') : unpriced(`the price book has no Firehose prices for ${source}`),
        ...extras(stream, {
          'ExtendedS3DestinationConfiguration.DataFormatConversionConfiguration': 'format conversion',
          'ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration': 'dynamic partitioning',
          'AmazonopensearchserviceDestinationConfiguration.VpcConfiguration': 'delivery into a VPC',
          'AmazonOpenSearchServerlessDestinationConfiguration.VpcConfiguration': 'delivery into a VPC',
          'ElasticsearchDestinationConfiguration.VpcConfiguration': 'delivery into a VPC',
        }),
      ];
    },
  },
};
