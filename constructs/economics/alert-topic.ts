import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey, Key } from 'aws-cdk-lib/aws-kms';
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
  public readonly encryptionKey: IKey;

  public constructor(scope: Construct, id: string, props: AlertTopicProps = {}) {
    super(scope, id);
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const [budgets, anomalies, alarms] = ['budgets', 'costalerts', 'cloudwatch'].map(name => new ServicePrincipal(`${name}.amazonaws.com`)) as
      [ServicePrincipal, ServicePrincipal, ServicePrincipal];

    this.encryptionKey = new Key(this, 'Key', { enableKeyRotation: true, description: `Encrypts the alerts of ${this.node.path}` });
    const use = { actions: ['kms:GenerateDataKey*', 'kms:Decrypt'], resources: ['*'] };
    this.encryptionKey.addToResourcePolicy(new PolicyStatement({ principals: [budgets, anomalies], ...use, conditions: ofThisAccount }));
    // CloudWatch is not documented to name its account to KMS; the topic's policy holds it to this account.
    this.encryptionKey.addToResourcePolicy(new PolicyStatement({ principals: [alarms], ...use }));
    const topic = new Topic(this, 'Resource', { masterKey: this.encryptionKey, enforceSSL: true });
    topic.addToResourcePolicy(new PolicyStatement({
      principals: [budgets, anomalies, alarms], actions: ['sns:Publish'], resources: [topic.topicArn], conditions: ofThisAccount,
    }));
    for (const email of props.emails ?? []) topic.addSubscription(new EmailSubscription(email));
    this.topic = topic;
  }
}
