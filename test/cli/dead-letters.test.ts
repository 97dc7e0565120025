import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { letterLine } from '../../cli/dead-letter';
import { discardDeadLetter, findDeadLetters, replayDeadLetters } from '../../cli/dead-letters';
import { eventOf } from '../../lambdas/channels/event';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import { anEntry } from '../support/ledger-entries';

const cloudFormation = mockClient(CloudFormationClient);
const sqs = mockClient(SQSClient);
const lambda = mockClient(LambdaClient);
const stepFunctions = mockClient(SFNClient);
const region = { region: 'eu-central-1' };
const deps = {
  sqs: new SQSClient(region),
  lambda: new LambdaClient(region),
  stepFunctions: new SFNClient(region),
  cloudFormation: new CloudFormationClient(region),
  environment: 'poc',
};
const machine = 'arn:aws:states:eu-central-1:111122223333:stateMachine:orchestrator-poc-drift-detection';
const outputs = {
  ...deployedOutputs,
  StateMachineDriftDetectionArn: machine,
  DeadLetters1: JSON.stringify({ name: 'webhook-itsm', queue: 'd-itsm', again: { queue: 'q-itsm' } }),
  DeadLetters2: JSON.stringify({ name: 'slack', queue: 'd-slack', again: { queue: 'q-slack' } }),
  DeadLetters3: JSON.stringify({ name: 'schedules', queue: 'd-clock', again: 'start' }),
  DeadLetters4: JSON.stringify({ name: 'reconcile-run', queue: 'd-step', again: { function: 'reconciles' } }),
  DeadLetters5: JSON.stringify({ name: 'archive-ledger', queue: 'd-stream', again: null }),
};
const any = { of: null, id: null };
const one = (id: string) => ({ of: null, id });
const event = (n: number) =>
  eventOf(anEntry({ id: `approval.requested:${n}` }), {
    environment: 'poc',
    publicUrl: 'https://example.com',
  });
const idOf = (n: number): string => event(n)?.id ?? '';
const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
const letter = (n: number, to: string, over: Partial<Message> = {}): Message => ({
  MessageId: `m${n}`,
  ReceiptHandle: `r${n}`,
  Body: JSON.stringify({ to, event: event(n) }),
  MessageAttributes: {
    reason: attribute('The receiver answered 500.'),
    attempts: { DataType: 'Number', StringValue: '9' },
  },
  ...over,
});
const startOf = (StateMachineArn: string): Message => ({
  MessageId: 'm4',
  ReceiptHandle: 'r4',
  Body: JSON.stringify({ StateMachineArn, Name: 'nightly-drift-1', Input: '{"reason":"Nightly"}' }),
  MessageAttributes: {
    ERROR_CODE: attribute('ThrottlingException'),
    ERROR_MESSAGE: attribute('Rate exceeded'),
    SCHEDULED_TIME: attribute('2026-11-22T03:00:00Z'),
  },
  Attributes: { SentTimestamp: '0' },
});
const ofStep: Message = {
  MessageId: 'm5',
  ReceiptHandle: 'r5',
  Body: JSON.stringify({
    'detail-type': 'Step Functions Execution Status Change',
    time: '2026-11-22T03:00:00Z',
    detail: { input: '{"reason":"Nightly","taskToken":"AAAA","variables":{"db_password":"hunter2"}}' },
  }),
  MessageAttributes: { ErrorCode: attribute('200'), ErrorMessage: attribute('Task timed out') },
};
const note: Message = { MessageId: 'm6', ReceiptHandle: 'r6', Body: '{"DDBStreamBatchInfo":{}}' };

/** Dead letters by their queue; hidden once received, shown again when their time is set to nothing. */
let queues: Record<string, Message[]>;
let hidden: Set<string | undefined>;
beforeEach(() => {
  hidden = new Set();
  queues = {
    'd-itsm': [letter(1, 'webhook:itsm'), letter(2, 'webhook:itsm')],
    'd-slack': [letter(3, 'slack:ops', { Attributes: { MessageGroupId: 'slack:ops#run-1' } })],
    'd-clock': [startOf(machine)],
    'd-step': [ofStep],
    'd-stream': [note],
  };
  for (const mock of [sqs, lambda, stepFunctions, cloudFormation]) mock.reset();
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
  lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
  stepFunctions.on(StartExecutionCommand).resolves({ executionArn: 'arn', startDate: new Date(0) });
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [stackWith(outputs)] });
});
const sent = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
const invoked = () => lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
const started = () => stepFunctions.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input);
const left = () => Object.values(queues).flat().length;

test('lists what waits in every queue and why, and leaves it as it was', async () => {
  const letters = await findDeadLetters(deps, any);
  expect(letters.map(({ id, of, reason }) => [of, id, reason])).toEqual([
    ['webhook-itsm', idOf(1), 'The receiver answered 500.'],
    ['webhook-itsm', idOf(2), 'The receiver answered 500.'],
    ['slack', idOf(3), 'The receiver answered 500.'],
    ['schedules', 'nightly-drift-1', 'ThrottlingException: Rate exceeded'],
    ['reconcile-run', 'm5', '200: Task timed out'],
    ['archive-ledger', 'm6', expect.stringContaining('its log says why')],
  ]);
  expect(hidden.size).toBe(0);
  await expect(findDeadLetters(deps, any)).resolves.toEqual(letters);
  expect([...sent(), ...invoked(), ...started()]).toEqual([]);
});

test('a queue is asked by the name of its alarm, and one that is none is told', async () => {
  await expect(findDeadLetters(deps, { of: 'slack', id: null })).resolves.toHaveLength(1);
  await expect(findDeadLetters(deps, { of: 'mail', id: null })).rejects.toThrow(
    'Nothing is set aside under the name mail. There are: webhook-itsm, slack, schedules,',
  );
});

test('shows one, without what looks like a secret, and says when there is none', async () => {
  await expect(findDeadLetters(deps, one(idOf(2)))).resolves.toMatchObject([{ body: { event: event(2) } }]);
  const [step] = await findDeadLetters(deps, one('m5'));
  expect(step?.body).toMatchObject({
    detail: { input: { reason: 'Nightly', taskToken: '(masked)', variables: { db_password: '(masked)' } } },
  });
  await expect(findDeadLetters(deps, one('evt_x'))).rejects.toThrow('No dead letter has the id evt_x.');
});

test('a message is sent again with the same bytes, so under the same id, and the others lie', async () => {
  await expect(replayDeadLetters(deps, one(idOf(2)))).resolves.toMatchObject([{ id: idOf(2) }]);
  expect(sent()).toEqual([{ QueueUrl: 'q-itsm', MessageBody: letter(2, 'webhook:itsm').Body }]);
  expect(left()).toBe(5);
  expect(hidden).toEqual(new Set(['r2']));
  await expect(replayDeadLetters(deps, one(idOf(2)))).rejects.toThrow('No dead letter has the id');
});

test('all of one queue go again, in Slack in the order of the run', async () => {
  await expect(replayDeadLetters(deps, { of: 'slack', id: null })).resolves.toHaveLength(1);
  expect(sent()).toEqual([
    {
      QueueUrl: 'q-slack',
      MessageBody: letter(3, 'slack:ops').Body,
      MessageGroupId: 'slack:ops#run-1',
      MessageDeduplicationId: 'm3',
    },
  ]);
  expect(left()).toBe(5);
});

test('a start is made under its own name, and one that was made after all is not made again', async () => {
  await replayDeadLetters(deps, one('nightly-drift-1'));
  expect(started()).toEqual([
    { stateMachineArn: machine, name: 'nightly-drift-1', input: '{"reason":"Nightly"}' },
  ]);
  queues['d-clock'] = [startOf(machine)];
  hidden.clear();
  stepFunctions
    .on(StartExecutionCommand)
    .rejects(new ExecutionAlreadyExists({ message: 'exists', $metadata: {} }));
  await expect(replayDeadLetters(deps, one('nightly-drift-1'))).resolves.toHaveLength(1);
  expect(queues['d-clock']).toEqual([]);
});

test('what would start something else than a workflow of the deployment is refused and stays', async () => {
  queues['d-clock'] = [startOf(machine.replace('drift', 'other'))];
  await expect(replayDeadLetters(deps, one('nightly-drift-1'))).rejects.toThrow('starts no workflow of this');
  expect(started()).toEqual([]);
  expect(left()).toBe(6);
});

test('a step is called again with the same event, without waiting for it', async () => {
  await replayDeadLetters(deps, one('m5'));
  expect(invoked()).toEqual([
    { FunctionName: 'reconciles', InvocationType: 'Event', Payload: Buffer.from(ofStep.Body ?? '') },
  ]);
  expect(queues['d-step']).toEqual([]);
});

test('a note cannot be replayed, but discarded', async () => {
  await expect(replayDeadLetters(deps, one('m6'))).rejects.toThrow('There is nothing to replay');
  expect(left()).toBe(6);
  expect(hidden.size).toBe(0);
  await expect(discardDeadLetter(deps, one('m6'))).resolves.toMatchObject([{ of: 'archive-ledger' }]);
  expect(queues['d-stream']).toEqual([]);
  await expect(discardDeadLetter(deps, one('m6'))).rejects.toThrow('No dead letter has the id m6.');
});

test('when it cannot be sent it is not taken away, and can be seen again', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('throttled'));
  await expect(replayDeadLetters(deps, { of: 'webhook-itsm', id: null })).rejects.toThrow('throttled');
  expect(queues['d-itsm']).toHaveLength(2);
  expect(hidden.size).toBe(0);
});

test('what is nothing of ours is shown by its message, and may draw nothing', async () => {
  queues = { 'd-itsm': [letter(9, '', { Body: '\u001b[2J{', MessageAttributes: {} })] };
  const [found] = await findDeadLetters(deps, any);
  expect(found).toMatchObject({ id: 'm9', of: 'webhook-itsm', attempts: null, body: '(no JSON)' });
  expect(found && letterLine(found)).toBe(
    'webhook-itsm  m9  a message that is no event\n    The function that delivers it ended again and again; its log says why.',
  );
});
