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

export interface MailTopicProps {
  /** Who reads what is published: one person for personal links, several for news. */
  readonly people: readonly Person[];
  readonly encryptionKey: IKey;
}

/** A topic that mails people. */
export class MailTopic extends Construct {
  readonly topic: Topic;
  /** How many are to hear of what is published. */
  readonly people: number;
  private readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, { people, encryptionKey }: MailTopicProps) {
    super(scope, id);
    this.encryptionKey = encryptionKey;
    this.people = people.length;
    this.topic = new Topic(this, 'Topic', {
      displayName: 'Process orchestrator',
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    for (const { id: personId, email, delivery } of people)
      this.topic.addSubscription(
        delivery === 'email' ? new EmailSubscription(email) : new SqsSubscription(this.inbox(personId)),
      );
  }

  /** Lets a step send mail to these people. */
  allowPublishing(grantee: IGrantable): void {
    for (const statement of [
      new PolicyStatement({ actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
      new PolicyStatement({
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [this.encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sns.${Stack.of(this).region}.amazonaws.com` } },
      }),
    ])
      grantee.grantPrincipal.addToPrincipalPolicy(statement);
  }

  /** Lets a step send mail to these people, and see whether it reaches them. */
  allowAsking(grantee: IGrantable): void {
    this.allowPublishing(grantee);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sns:GetTopicAttributes'], resources: [this.topic.topicArn] }),
    );
  }

  private inbox(personId: string): Queue {
    const inbox = new Queue(this, `Inbox-${personId}`, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(inbox).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'An inbox that a page reads: a message that is not read stays, there is nowhere else to put it.',
    });
    return inbox;
  }
}
