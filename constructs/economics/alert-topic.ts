import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** Props of AlertTopic. */
export interface AlertTopicProps {
  /**
   * Addresses that get every alert; each confirms once by mail.
   *
   * @default - nobody is subscribed yet
   */
  readonly emails?: string[];
}

/**
 * An encrypted topic that money alerts really reach: its policy and its key let AWS Budgets, Cost Anomaly Detection and
 * CloudWatch of this account publish. Its key costs 1 USD a month.
 */
export class AlertTopic extends Construct {
  /** The topic. */
  public readonly topic: ITopic;
  /** The key it is encrypted with. */
  public readonly encryptionKey: Key;

  public constructor(scope: Construct, id: string, props: AlertTopicProps = {}) {
    super(scope, id);
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const publishers = ['budgets.amazonaws.com', 'costalerts.amazonaws.com', 'cloudwatch.amazonaws.com'].map(name => new ServicePrincipal(name));

    this.encryptionKey = new Key(this, 'Key', { enableKeyRotation: true, description: `Encrypts the alerts of ${this.node.path}` });
    this.encryptionKey.addToResourcePolicy(new PolicyStatement({
      principals: publishers, actions: ['kms:GenerateDataKey*', 'kms:Decrypt'], resources: ['*'], conditions,
    }));
    const topic = new Topic(this, 'Resource', { masterKey: this.encryptionKey, enforceSSL: true });
    topic.addToResourcePolicy(new PolicyStatement({
      principals: publishers, actions: ['sns:Publish'], resources: [topic.topicArn], conditions,
    }));
    for (const email of props.emails ?? []) topic.addSubscription(new EmailSubscription(email));
    this.topic = topic;
  }
}
