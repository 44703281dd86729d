/** SQS standard queues: requests by use; the account's free allowance is not applied. */
import { unpriced, usage } from '../charge';
import { Family } from '../family';

export const sqs: Family = {
  name: 'SQS',
  charges: {
    'AWS::SQS::Queue': queue => queue.flag('FifoQueue')
      ? [unpriced('the price book has no prices for FIFO queues')]
      : [usage('sqs/request')],
  },
};
