import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { findDeadLetters, letterLine, listDeadLetters, replayDeadLetters } from '../../cli/webhooks';
import { eventOf } from '../../lambdas/channels/event';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import { anEntry } from '../support/ledger-entries';

const cloudFormation = mockClient(CloudFormationClient);
const sqs = mockClient(SQSClient);
const deps = {
  sqs: new SQSClient({ region: 'eu-central-1' }),
  cloudFormation: new CloudFormationClient({ region: 'eu-central-1' }),
  environment: 'poc',
};
const outputs = {
  ...deployedOutputs,
  Channel1: JSON.stringify({ channel: 'webhook:itsm', queue: 'q-itsm', deadLetters: 'd-itsm' }),
  Channel2: JSON.stringify({ channel: 'slack', queue: 'q-slack', deadLetters: 'd-slack' }),
};
const event = (n: number) =>
  eventOf(anEntry({ id: `approval.requested:${n}` }), {
    environment: 'poc',
    publicUrl: 'https://example.com',
  });
const idOf = (n: number): string => event(n)?.id ?? '';
const letter = (n: number, to: string, over: Partial<Message> = {}): Message => ({
  MessageId: `m${n}`,
  ReceiptHandle: `r${n}`,
  Body: JSON.stringify({ to, event: event(n) }),
  MessageAttributes: {
    reason: { DataType: 'String', StringValue: 'The receiver answered 500.' },
    attempts: { DataType: 'Number', StringValue: '9' },
  },
  ...over,
});

/** Dead letters by their queue; hidden once received, shown again when their time is set to nothing. */
let queues: Record<string, Message[]>;
let hidden: Set<string | undefined>;
beforeEach(() => {
  hidden = new Set();
  queues = {
    'd-itsm': [letter(1, 'webhook:itsm'), letter(2, 'webhook:itsm')],
    'd-slack': [letter(3, 'slack:ops', { Attributes: { MessageGroupId: 'slack:ops#run-1' } })],
  };
  sqs.reset();
  sqs.on(ReceiveMessageCommand).callsFake(({ QueueUrl }) => {
    const Messages = (queues[QueueUrl] ?? [])
      .filter(({ ReceiptHandle }) => !hidden.has(ReceiptHandle))
      .slice(0, 1);
    for (const { ReceiptHandle } of Messages) hidden.add(ReceiptHandle);
    return { Messages };
  });
  sqs.on(ChangeMessageVisibilityCommand).callsFake(({ ReceiptHandle }) => void hidden.delete(ReceiptHandle));
  sqs.on(DeleteMessageCommand).callsFake(({ QueueUrl, ReceiptHandle }) => {
    queues[QueueUrl] = (queues[QueueUrl] ?? []).filter((one) => one.ReceiptHandle !== ReceiptHandle);
  });
  sqs.on(SendMessageCommand).resolves({});
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [stackWith(outputs)],
  });
});
const sent = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);

test('lists what waits in each channel and why, and leaves it as it was', async () => {
  const letters = await listDeadLetters(deps);
  expect(letters.map(({ id, channel }) => [id, channel])).toEqual([
    [idOf(1), 'webhook:itsm'],
    [idOf(2), 'webhook:itsm'],
    [idOf(3), 'slack:ops'],
  ]);
  expect(letters[0]).toMatchObject({ reason: 'The receiver answered 500.', attempts: 9, event: event(1) });
  expect(hidden.size).toBe(0);
  await expect(listDeadLetters(deps)).resolves.toEqual(letters);
  expect(sent()).toEqual([]);
});

test('shows one, and says when there is none', async () => {
  await expect(findDeadLetters(deps, idOf(2))).resolves.toMatchObject([{ event: event(2) }]);
  await expect(findDeadLetters(deps, 'evt_x')).rejects.toThrow('No dead letter has the id evt_x.');
});

test('replays one with the same bytes, so under the same id, and lets the others lie', async () => {
  await expect(replayDeadLetters(deps, idOf(2))).resolves.toMatchObject([{ id: idOf(2) }]);
  expect(sent()).toEqual([{ QueueUrl: 'q-itsm', MessageBody: letter(2, 'webhook:itsm').Body }]);
  expect(Object.values(queues).flat()).toHaveLength(2);
  expect(hidden).toEqual(new Set(['r2']));
  await expect(replayDeadLetters(deps, idOf(2))).rejects.toThrow('No dead letter has the id');
});

test('replays all, in Slack in the order of the run', async () => {
  await expect(replayDeadLetters(deps, null)).resolves.toHaveLength(3);
  expect(sent()[2]).toMatchObject({
    QueueUrl: 'q-slack',
    MessageGroupId: 'slack:ops#run-1',
    MessageDeduplicationId: 'm3',
  });
  expect(Object.values(queues).flat()).toEqual([]);
});

test('when it cannot be sent it is not taken away, and can be seen again', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('throttled'));
  await expect(replayDeadLetters(deps, null)).rejects.toThrow('throttled');
  expect(queues['d-itsm']).toHaveLength(2);
  expect(hidden.size).toBe(0);
});

test('what is no event is shown by its message, and may draw nothing', async () => {
  queues = { 'd-itsm': [letter(9, '', { Body: '\u001b[2J{', MessageAttributes: {} })] };
  const [found] = await listDeadLetters(deps);
  expect(found).toMatchObject({ id: 'm9', channel: 'webhook:itsm', attempts: null, event: null });
  expect(found && letterLine(found)).toBe(
    'webhook:itsm  m9  a message that is no event\n    The function that delivers it ended again and again; its log says why.',
  );
});
