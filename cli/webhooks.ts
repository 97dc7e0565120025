import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type ChannelEvent, delivery } from '../lambdas/channels/contract';
import { InvalidInputError } from '../lambdas/shared/errors';
import { plainText } from '../lambdas/shared/plain-text';
import { type DeployedChannel, requireOutputs } from './deployed-outputs';

export interface WebhooksDeps {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** A message that its channel did not take. */
export interface DeadLetter {
  /** The event's id, which the receiver sees as `webhook-id`; of what is no event, the message's. */
  readonly id: string;
  /** e.g. `webhook:itsm` */
  readonly channel: string;
  readonly reason: string;
  readonly attempts: number | null;
  readonly event: ChannelEvent | null;
}

interface Found {
  readonly letter: DeadLetter;
  readonly from: DeployedChannel;
  readonly message: Message;
}

/** Hidden from others while they are looked at; so long a look may take. */
const lookSeconds = 60;
const mostLetters = 1000;

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const readLetter = (message: Message, channel: string): DeadLetter => {
  const read = delivery.safeParse(parsed(message.Body ?? '')).data;
  const { reason, attempts } = message.MessageAttributes ?? {};
  return {
    id: read?.event.id ?? message.MessageId ?? '',
    channel: read?.to ?? channel,
    reason: reason?.StringValue ?? 'The function that delivers it ended again and again; its log says why.',
    attempts: attempts?.StringValue === undefined ? null : Number(attempts.StringValue),
    event: read ? (read.event as ChannelEvent) : null,
  };
};

/** Hands over each dead letter once. What `keep` says stays where it is, and can be seen by others again. */
const visit = async (
  { sqs, cloudFormation, environment }: WebhooksDeps,
  handle: (found: Found) => Promise<'keep' | 'gone'>,
): Promise<void> => {
  const { channels } = await requireOutputs(cloudFormation, environment);
  for (const from of channels) {
    const kept: Message[] = [];
    try {
      for (let seen = 0; seen < mostLetters; ) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: from.deadLetters,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: lookSeconds,
            WaitTimeSeconds: 1,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['MessageGroupId'],
          }),
        );
        if (Messages.length === 0) break;
        seen += Messages.length;
        for (const message of Messages) {
          kept.push(message);
          const letter = readLetter(message, from.channel);
          if ((await handle({ letter, from, message })) === 'gone') kept.pop();
        }
      }
    } finally {
      for (const { ReceiptHandle } of kept)
        await sqs.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: from.deadLetters,
            ReceiptHandle,
            VisibilityTimeout: 0,
          }),
        );
    }
  }
};

/** What could not be delivered and waits for a person. */
export const listDeadLetters = async (deps: WebhooksDeps): Promise<DeadLetter[]> => {
  const letters: DeadLetter[] = [];
  await visit(deps, async ({ letter }) => {
    letters.push(letter);
    return 'keep';
  });
  return letters;
};

const noSuch = (id: string): InvalidInputError =>
  new InvalidInputError(
    `No dead letter has the id ${plainText(id, 80)}. "webhooks list" shows those that there are.`,
  );

/** @throws InvalidInputError when there is none of that id. */
export const findDeadLetters = async (deps: WebhooksDeps, id: string): Promise<DeadLetter[]> => {
  const letters = (await listDeadLetters(deps)).filter((letter) => letter.id === id);
  if (letters.length === 0) throw noSuch(id);
  return letters;
};

/**
 * Puts dead letters back on their way: all, or those of one id. The event keeps its id, so that a receiver that has it
 * already can tell; after a crash in between, it is sent twice.
 *
 * @throws InvalidInputError when there is none of that id.
 */
export const replayDeadLetters = async (deps: WebhooksDeps, id: string | null): Promise<DeadLetter[]> => {
  const replayed: DeadLetter[] = [];
  await visit(deps, async ({ letter, from, message }) => {
    if (id !== null && letter.id !== id) return 'keep';
    const group = message.Attributes?.MessageGroupId;
    await deps.sqs.send(
      new SendMessageCommand({
        QueueUrl: from.queue,
        MessageBody: message.Body,
        ...(group && { MessageGroupId: group, MessageDeduplicationId: message.MessageId }),
      }),
    );
    await deps.sqs.send(
      new DeleteMessageCommand({ QueueUrl: from.deadLetters, ReceiptHandle: message.ReceiptHandle }),
    );
    replayed.push(letter);
    return 'gone';
  });
  if (id !== null && replayed.length === 0) throw noSuch(id);
  return replayed;
};

/** One line for people. */
export const letterLine = ({ id, channel, reason, attempts, event }: DeadLetter): string => {
  const what = event
    ? `${event.type} ${event.workspace ?? '-'} ${event.timestamp}`
    : 'a message that is no event';
  const tried = attempts === null ? '' : ` (${attempts} attempts)`;
  return `${channel}  ${plainText(id, 80)}  ${plainText(what, 200)}\n    ${plainText(reason, 300)}${tried}`;
};
