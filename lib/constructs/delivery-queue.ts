import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allowSending } from './access';
import { DeadLetterQueue } from './dead-letter-queue';
import type { StepFunction } from './step-function';

export interface DeliveryQueueProps {
  /** Whether messages of one run follow each other. @default false */
  readonly inOrder?: boolean;
}

/** More than a step tries by itself (deliver-messages.ts): for messages on which it crashed again and again. */
const mostReceives = 15;

/**
 * The messages of one channel on their way. The step that delivers them puts off what failed, each message by itself,
 * and sets aside what a person has to look at.
 */
export class DeliveryQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { inOrder = false }: DeliveryQueueProps = {}) {
    super(scope, id);
    const fifo = inOrder && { fifo: true };
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { ...fifo });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Six times what the step may take, as Lambda asks for.
      visibilityTimeout: Duration.minutes(3),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: mostReceives },
    });
  }

  /** Feeds a step, one message at a time, so that none waits for another. */
  feed(step: StepFunction): void {
    allowSending(step, this.deadLetters);
    // It brings along the permission to take messages out, and to put them off.
    step.function.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 1, maxConcurrency: 5, reportBatchItemFailures: true }),
    );
  }
}
