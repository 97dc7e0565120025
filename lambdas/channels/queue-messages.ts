import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeliverDeps } from './deliver-messages';

/** One channel's queue and where it sets messages aside. */
export const makeQueueMessages = (
  sqs: Pick<SQSClient, 'send'>,
  { queue, deadLetters }: { readonly queue: string; readonly deadLetters: string },
): Pick<DeliverDeps, 'postpone' | 'setAside'> => ({
  postpone: async ({ receiptHandle }, seconds) => {
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  },
  setAside: async ({ messageId, body, attributes }, reason, attempts) => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetters,
        MessageBody: body,
        MessageAttributes: {
          reason: { DataType: 'String', StringValue: reason },
          attempts: { DataType: 'Number', StringValue: String(attempts) },
        },
        ...(attributes.MessageGroupId && {
          MessageGroupId: attributes.MessageGroupId,
          MessageDeduplicationId: messageId,
        }),
      }),
    );
  },
});
