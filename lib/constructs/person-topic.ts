import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Somebody who gets mail. */
export interface Person {
  readonly id: string;
  readonly email: string;
  /** `email`: SNS asks them to confirm, then mails. `queue`: an inbox page reads their queue. */
  readonly delivery: 'email' | 'queue';
}

export interface PersonTopicProps {
  readonly person: Person;
  readonly encryptionKey: IKey;
}

/** One topic per person, so that a personal link reaches that person and nobody else. */
export class PersonTopic extends Construct {
  readonly topic: Topic;
  readonly personId: string;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { person, encryptionKey }: PersonTopicProps) {
    super(scope, id);
    this.personId = person.id;
    this.encryptionKey = encryptionKey;
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Process orchestrator',
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    if (person.delivery === 'email') {
      this.topic.addSubscription(new EmailSubscription(person.email));
      return;
    }
    const inbox = new Queue(this, 'Inbox', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(inbox).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'An inbox that a page reads: a message that is not read stays, there is nowhere else to put it.',
    });
    this.topic.addSubscription(new SqsSubscription(inbox));
  }

  /** Lets a step send mail to this person. */
  allowPublishing(grantee: IGrantable): void {
    const viaSns = { StringEquals: { 'kms:ViaService': `sns.${Stack.of(this).region}.amazonaws.com` } };
    for (const statement of [
      new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
      new PolicyStatement({
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [this.encryptionKey.keyArn],
        conditions: viaSns,
      }),
    ])
      grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }
}
