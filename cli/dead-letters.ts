import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { InvalidInputError } from '../lambdas/shared/errors';
import { plainText } from '../lambdas/shared/plain-text';
import { type DeadLetter, readLetter, readStart } from './dead-letter';
import { type DeployedDeadLetters, type DeployedOutputs, requireOutputs } from './deployed-outputs';

export interface DeadLettersDeps {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly stepFunctions: Pick<SFNClient, 'send'>;
  readonly cloudFormation: CloudFormationClient;
  readonly environment: string;
}

/** Which letters are meant: of one queue, or of all; one letter, or all. */
export interface Meant {
  /** A queue's name, as `of` of a letter says it. `null`: any. */
  readonly of: string | null;
  /** A letter's id. `null`: any. */
  readonly id: string | null;
}

interface Found {
  readonly letter: DeadLetter;
  readonly from: DeployedDeadLetters;
  readonly message: Message;
}

/** Hidden from others while they are looked at; so long a look may take. */
const lookSeconds = 60;
const mostLetters = 1000;

const queuesOf = ({ deadLetters }: DeployedOutputs, of: string | null): readonly DeployedDeadLetters[] => {
  const meant = deadLetters.filter(({ name }) => of === null || name === of);
  if (meant.length > 0 || of === null) return meant;
  throw new InvalidInputError(
    `Nothing is set aside under the name ${plainText(of, 80)}. There are: ${deadLetters.map(({ name }) => name).join(', ')}.`,
  );
};

/** Hands over each letter of a queue once. What `keep` says stays where it is, and can be seen by others again. */
const visitQueue = async (
  sqs: DeadLettersDeps['sqs'],
  from: DeployedDeadLetters,
  handle: (found: Found) => Promise<'keep' | 'gone'>,
): Promise<void> => {
  const kept: Message[] = [];
  try {
    for (let seen = 0; seen < mostLetters; ) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: from.queue,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: lookSeconds,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['MessageGroupId', 'SentTimestamp'],
        }),
      );
      if (Messages.length === 0) break;
      seen += Messages.length;
      kept.push(...Messages);
      for (const message of Messages)
        if ((await handle({ letter: readLetter(message, from), from, message })) === 'gone')
          kept.splice(kept.indexOf(message), 1);
    }
  } finally {
    for (const { ReceiptHandle } of kept)
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: from.queue, ReceiptHandle, VisibilityTimeout: 0 }),
      );
  }
};

/** Every queue is asked, whatever becomes of another; then the first that failed says so. */
const visit = async (
  sqs: DeadLettersDeps['sqs'],
  queues: readonly DeployedDeadLetters[],
  handle: (found: Found) => Promise<'keep' | 'gone'>,
): Promise<void> => {
  const visits = await Promise.allSettled(queues.map((from) => visitQueue(sqs, from, handle)));
  for (const one of visits) if (one.status === 'rejected') throw one.reason;
};

const noSuch = (id: string): InvalidInputError =>
  new InvalidInputError(
    `No dead letter has the id ${plainText(id, 80)}. "dead-letters list" shows those that there are.`,
  );

/** @throws InvalidInputError when the id or the queue is meant and there is none. */
export const findDeadLetters = async (
  deps: DeadLettersDeps,
  { of, id }: Meant,
): Promise<readonly DeadLetter[]> => {
  const outputs = await requireOutputs(deps.cloudFormation, deps.environment);
  const queues = queuesOf(outputs, of);
  const found = new Map<string, DeadLetter[]>(queues.map(({ name }) => [name, []]));
  await visit(deps.sqs, queues, async ({ letter, from }) => {
    if (id === null || letter.id === id) found.get(from.name)?.push(letter);
    return 'keep';
  });
  const letters = [...found.values()].flat();
  if (id !== null && letters.length === 0) throw noSuch(id);
  return letters;
};

/** Gives a letter its second chance; each is the same event, message or run as the first, however often it comes. */
const giveChance = async (
  deps: DeadLettersDeps,
  { stateMachines }: DeployedOutputs,
  { letter, from: { name, again }, message }: Found,
): Promise<void> => {
  if (again === null)
    throw new InvalidInputError(
      `${letter.id} of ${name} is a note: what it tells of is in the ledger, or a sweep makes up for it. There is nothing to replay; discard it once you have looked.`,
    );
  if (again === 'start') {
    const start = readStart(message);
    if (!start || !Object.values(stateMachines).includes(start.StateMachineArn))
      throw new InvalidInputError(
        `${letter.id} starts no workflow of this deployment. Discard it; the next time of its schedule starts one that is.`,
      );
    try {
      await deps.stepFunctions.send(
        new StartExecutionCommand({
          stateMachineArn: start.StateMachineArn,
          name: start.Name,
          input: start.Input,
        }),
      );
    } catch (error) {
      // It began after all.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
    return;
  }
  if ('function' in again) {
    await deps.lambda.send(
      new InvokeCommand({
        FunctionName: again.function,
        InvocationType: 'Event',
        Payload: Buffer.from(message.Body ?? ''),
      }),
    );
    return;
  }
  const group = message.Attributes?.MessageGroupId;
  await deps.sqs.send(
    new SendMessageCommand({
      QueueUrl: again.queue,
      MessageBody: message.Body,
      ...(group && { MessageGroupId: group, MessageDeduplicationId: message.MessageId }),
    }),
  );
};

const takeOut = async (
  deps: DeadLettersDeps,
  { of, id }: Meant,
  first: (outputs: DeployedOutputs, found: Found) => Promise<void>,
): Promise<readonly DeadLetter[]> => {
  const outputs = await requireOutputs(deps.cloudFormation, deps.environment);
  const done: DeadLetter[] = [];
  await visit(deps.sqs, queuesOf(outputs, of), async (found) => {
    if (id !== null && found.letter.id !== id) return 'keep';
    await first(outputs, found);
    const { from, message } = found;
    await deps.sqs.send(
      new DeleteMessageCommand({ QueueUrl: from.queue, ReceiptHandle: message.ReceiptHandle }),
    );
    done.push(found.letter);
    return 'gone';
  });
  if (id !== null && done.length === 0) throw noSuch(id);
  return done;
};

/**
 * Puts letters back on their way, and only then takes them out: after a crash in between they go twice, as what they
 * were the first time.
 *
 * @throws InvalidInputError when none is meant, or it cannot be replayed
 */
export const replayDeadLetters = (deps: DeadLettersDeps, meant: Meant): Promise<readonly DeadLetter[]> =>
  takeOut(deps, meant, (outputs, found) => giveChance(deps, outputs, found));

/** Takes one out for good. @throws InvalidInputError when there is none of that id */
export const discardDeadLetter = (
  deps: DeadLettersDeps,
  meant: Meant & { readonly id: string },
): Promise<readonly DeadLetter[]> => takeOut(deps, meant, async () => undefined);
