import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** Keeps for two weeks what could not be delivered, encrypted and over TLS only. An alarm watches its depth. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, { fifo = false }: { readonly fifo?: boolean } = {}) {
    super(scope, id, {
      ...(fifo && { fifo }),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the dead-letter queue, drained by an operator after the alarm.',
    });
  }
}
