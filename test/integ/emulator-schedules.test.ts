import { setTimeout as sleep } from 'node:timers/promises';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { scheduleOnce } from '../../local/schedules';
import {
  clients,
  createMachine,
  endFixture,
  eventually,
  type Fixture,
  startFixture,
} from '../support/emulator-fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => endFixture(fixture));

const startExecution = 'arn:aws:scheduler:::aws-sdk:sfn:startExecution';
const RoleArn = 'arn:aws:iam::000000000000:role/scheduler';

test('a schedule starts an execution with a name of its own; what is refused becomes a dead letter', async () => {
  const { sfn, sqs } = clients(fixture);
  const machine = await createMachine(sfn, { Start: { Type: 'Pass', End: true } });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead-letters' }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const startAs = (name: string) => ({
    Arn: startExecution,
    RoleArn,
    Input: JSON.stringify({ StateMachineArn: machine, Name: name, Input: '{"reason":"nightly"}' }),
    DeadLetterConfig: { Arn: Attributes?.QueueArn },
  });
  const at = new Date();
  await scheduleOnce(fixture.emulator.url, {
    name: 'own',
    at,
    target: startAs('own-<aws.scheduler.execution-id>'),
  });
  await scheduleOnce(fixture.emulator.url, { name: 'first', at, target: startAs('twice') });
  const begun = () => sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
  const names = await eventually(async () => {
    const { executions = [] } = await begun();
    return executions.length === 2 ? executions.map(({ name = '' }) => name).sort() : undefined;
  });
  expect(names).toEqual([expect.stringMatching(/^own-[0-9a-f]{16}$/), 'twice']);
  await eventually(async () => {
    const { executions = [] } = await begun();
    return executions.every(({ status }) => status === 'SUCCEEDED') ? true : undefined;
  });

  await scheduleOnce(fixture.emulator.url, { name: 'second', at, target: startAs('twice') });
  const letter = await eventually(async () => {
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }),
    );
    if (!message) await sleep(100);
    return message;
  });
  expect(JSON.parse(letter.Body ?? '')).toMatchObject({ Name: 'twice' });
  expect(letter.MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: 'ExecutionAlreadyExists' },
    SCHEDULED_TIME: { StringValue: `${at.toISOString().slice(0, 19)}Z` },
    SCHEDULE_ARN: { StringValue: expect.stringContaining('schedule/default/second') },
  });
});
