/** SNS topics: requests and deliveries by use; the account's free allowance is not applied. */
import { Charge, unpriced, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { extras } from './options';

export const sns: Family = {
  name: 'SNS',
  charges: {
    'AWS::SNS::Topic': topic => [
      ...topic.flag('FifoTopic') ? [unpriced('the price book has no prices for FIFO topics')] : [usage('sns/request')],
      ...topic.parts('Subscription').flatMap(subscriptionCharges),
      ...extras(topic, { DataProtectionPolicy: 'data protection', ArchivePolicy: 'an archive' }),
    ],
    'AWS::SNS::Subscription': subscription => subscriptionCharges(subscription),
  },
};

function subscriptionCharges(subscription: Resource): Charge[] {
  return [
    ...deliveryCharges(subscription.text('Protocol')),
    ...subscription.text('FilterPolicyScope', 'MessageAttributes') === 'MessageBody'
      ? [unpriced('filtering by the message body has no price in the book')]
      : [],
  ];
}

function deliveryCharges(protocol: string): Charge[] {
  switch (protocol) {
    case 'lambda': case 'sqs': return [];
    case 'email': case 'email-json': return [usage('sns/email-delivery')];
    case 'http': case 'https': return [usage('sns/http-delivery')];
    default: return [unpriced(`the price book has no prices for SNS deliveries by ${protocol}`)];
  }
}
