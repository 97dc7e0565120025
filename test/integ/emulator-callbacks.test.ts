import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  clients,
  createMachine,
  createQueue,
  endFixture,
  eventually,
  type Fixture,
  receive,
  runMachine,
  startFixture,
  startMachine,
  untilEnded,
  zipOf,
} from '../support/emulator-fixture';

jest.setTimeout(60_000);

const FAILING =
  "exports.handler = async () => { const error = new Error('no'); error.name = 'MailError'; throw error; };";

let fixture: Fixture;
let sfn: SFNClient;
let sqs: SQSClient;

beforeAll(async () => {
  fixture = await startFixture();
  const all = clients(fixture);
  ({ sfn, sqs } = all);
  await all.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'failing',
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Code: { ZipFile: zipOf(fixture, 'failing', FAILING) },
    }),
  );
});

afterAll(() => endFixture(fixture));

/** A state that waits for a callback, with its token in a queue. */
const callback = (queueUrl: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Arguments: { QueueUrl: queueUrl, MessageBody: '{% $states.context.Task.Token %}' },
  End: true,
  ...more,
});

const untilToken = (queueUrl: string): Promise<string> =>
  eventually(async () => (await receive(sqs, queueUrl))[0]);

const describe1 = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));

describe('callbacks', () => {
  let queueUrl: string;
  beforeAll(async () => {
    queueUrl = await createQueue(sqs, 'tokens');
  });
  const timedOut = expect.objectContaining({ name: 'TaskTimedOut' });

  test('fail at once when the Lambda that should hand on the token fails', async () => {
    const machine = await createMachine(sfn, {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'failing', Payload: {} },
        TimeoutSeconds: 300,
        End: true,
      },
    });
    const startedAt = Date.now();
    expect((await runMachine(sfn, machine)).error).toBe('MailError');
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  test('take the first answer and refuse the second', async () => {
    const machine = await createMachine(sfn, { Ask: callback(queueUrl) });
    const executionArn = await startMachine(sfn, machine);
    const taskToken = await untilToken(queueUrl);
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"first"' }));
    const second = sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"second"' }));
    await expect(second).rejects.toThrow(timedOut);
    expect((await untilEnded(sfn, executionArn)).output).toBe('"first"');
  });

  test('refuse an answer for an execution that was stopped', async () => {
    const machine = await createMachine(sfn, { Ask: callback(queueUrl) });
    const executionArn = await startMachine(sfn, machine);
    const taskToken = await untilToken(queueUrl);
    await sfn.send(new StopExecutionCommand({ executionArn }));
    await expect(sfn.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))).rejects.toThrow(timedOut);
    await expect(sfn.send(new SendTaskFailureCommand({ taskToken }))).rejects.toThrow(timedOut);
    await expect(sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toThrow(timedOut);
  });

  test('have a new token for every attempt, and a timeout that may be an expression', async () => {
    const limits = { TimeoutSeconds: '{% $states.input.seconds %}' };
    const retry = { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxDelaySeconds: 1, MaxAttempts: 1 };
    const machine = await createMachine(sfn, { Ask: callback(queueUrl, { ...limits, Retry: [retry] }) });
    const executionArn = await startMachine(sfn, machine, { seconds: 2 });
    const first = await untilToken(queueUrl);
    const second = await untilToken(queueUrl);
    expect(second).not.toBe(first);
    const late = sfn.send(new SendTaskSuccessCommand({ taskToken: first, output: '"late"' }));
    await expect(late).rejects.toThrow(timedOut);
    await sfn.send(new SendTaskSuccessCommand({ taskToken: second, output: '"in time"' }));
    expect((await untilEnded(sfn, executionArn)).output).toBe('"in time"');
  });

  test('fail without a heartbeat, and wait while there are some', async () => {
    const machine = await createMachine(sfn, { Ask: callback(queueUrl, { HeartbeatSeconds: 2 }) });
    const executionArn = await startMachine(sfn, machine);
    const taskToken = await untilToken(queueUrl);
    await new Promise((done) => setTimeout(done, 1_200));
    await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    await new Promise((done) => setTimeout(done, 1_200));
    expect((await describe1(executionArn)).status).toBe('RUNNING');
    expect((await untilEnded(sfn, executionArn)).error).toBe('States.HeartbeatTimeout');
  });
});
