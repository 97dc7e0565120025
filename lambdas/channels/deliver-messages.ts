import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { logger } from '../shared/logger';
import { plainText } from '../shared/plain-text';
import { type ChannelEvent, delivery } from './contract';
import { DeliveryError } from './send-request';

/** After so many attempts, the first included, a message is set aside for a person. */
export const mostAttempts = 9;

const firstDelaySeconds = 5;
/** SQS hides a message for twelve hours at most, counted from when it was received. */
const longestDelaySeconds = 6 * 3600;

/**
 * Seconds until the next attempt: four times as long after each, half of it by chance, so that those that failed
 * together do not come back together.
 */
export const delaySeconds = (attempt: number, random: number, askedFor = 0): number => {
  const longest = Math.min(longestDelaySeconds, firstDelaySeconds * 4 ** (attempt - 1));
  return Math.min(longestDelaySeconds, Math.max(askedFor, Math.ceil(longest * (0.5 + random / 2))));
};

export type Message = Pick<SQSRecord, 'messageId' | 'receiptHandle' | 'body'> & {
  readonly attributes: Pick<SQSRecord['attributes'], 'ApproximateReceiveCount' | 'MessageGroupId'>;
};

export interface DeliverDeps {
  /** Tells the channel. Throws when it did not take it. */
  readonly tell: (channel: string, event: ChannelEvent) => Promise<void>;
  /** Hides a message from the queue's readers for so long. */
  readonly postpone: (message: Message, seconds: number) => Promise<void>;
  /** Puts a message where a person finds it, with why it could not be delivered. */
  readonly setAside: (message: Message, reason: string, attempts: number) => Promise<void>;
  /** 0 to 1 */
  readonly random: () => number;
}

const reasonOf = (error: unknown): string =>
  error instanceof DeliveryError
    ? error.message
    : `An error of ours (${error instanceof Error ? plainText(error.name, 80) : 'unknown'}); the log says more.`;

/** Delivers messages of one channel's queue: again and again, each on its own time, then to a person. */
export const makeDeliverMessages = (deps: DeliverDeps) => {
  const isDone = async (message: Message): Promise<boolean> => {
    const attempt = Number(message.attributes.ApproximateReceiveCount);
    try {
      const { to, event } = delivery.parse(JSON.parse(message.body));
      await deps.tell(to, event as ChannelEvent);
      return true;
    } catch (error) {
      const reason = reasonOf(error);
      logger.warn('a message was not delivered', {
        messageId: message.messageId,
        attempt,
        ...(error instanceof DeliveryError ? { reason } : { error }),
      });
      if (attempt >= mostAttempts) {
        await deps.setAside(message, reason, attempt);
        return true;
      }
      const askedFor = error instanceof DeliveryError ? error.retryAfterSeconds : undefined;
      await deps.postpone(message, delaySeconds(attempt, deps.random(), askedFor));
      return false;
    }
  };

  return async ({ Records }: { readonly Records: readonly Message[] }): Promise<SQSBatchResponse> => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const message of Records) {
      const done = await isDone(message).catch((error: Error) => {
        logger.error('a message could neither be delivered nor put off; the queue brings it again', error);
        return false;
      });
      if (!done) batchItemFailures.push({ itemIdentifier: message.messageId });
    }
    return { batchItemFailures };
  };
};
