import { CreateFunctionCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  clients,
  createMachine,
  endFixture,
  eventually,
  type Fixture,
  publishStatusTo,
  receive,
  runMachine,
  startFixture,
  startMachine,
  untilEnded,
  zipOf,
} from '../support/emulator-fixture';

jest.setTimeout(60_000);

const PROBE = `
let calls = 0;
exports.handler = async (event) => {
  calls += 1;
  if (event.die) process.kill(process.pid, 'SIGKILL');
  if (event.throwName) { const error = new Error(event.message ?? 'no'); error.name = event.throwName; throw error; }
  if (event.log) console.log(event.log);
  return { calls, pid: process.pid };
};
exports.rude = () => { throw new RangeError('at once'); };
`;

let fixture: Fixture;
let sfn: SFNClient;
let lambda: LambdaClient;
let sqs: SQSClient;
let probeArn: string;
let statusQueue: string;

const createFunction = async (name: string, handler: string): Promise<string> => {
  const { FunctionArn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs20.x',
      Handler: handler,
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Code: { ZipFile: zipOf(fixture, name, PROBE) },
    }),
  );
  return FunctionArn;
};

interface StatusEvent {
  readonly detail: { readonly executionArn: string; readonly status: string };
}

/** The statuses that were published for an execution, once the wanted one is among them. */
const seen: StatusEvent['detail'][] = [];
const untilPublished = (executionArn: string, status: string): Promise<true> =>
  eventually(async () => {
    const messages = await receive(sqs, statusQueue);
    seen.push(...messages.map((body) => (JSON.parse(body) as StatusEvent).detail));
    const found = seen.some((detail) => detail.executionArn === executionArn && detail.status === status);
    return found ? true : undefined;
  });

const task = (input: object, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: probeArn, Payload: input },
  End: true,
  ...more,
});

const nested = (child: string, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Arguments: { StateMachineArn: child, Input: { from: 'parent' } },
  End: true,
  ...more,
});

const childOf = async (childMachine: string): Promise<string> =>
  eventually(async () => {
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: childMachine }));
    return executions[0]?.executionArn;
  });

const describe1 = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));

beforeAll(async () => {
  fixture = await startFixture();
  ({ sfn, lambda, sqs } = clients(fixture));
  probeArn = await createFunction('probe', 'index.handler');
  statusQueue = await publishStatusTo(fixture, 'status');
});

afterAll(() => endFixture(fixture));

describe('a failing Lambda', () => {
  test('is caught by the name of its error, with the error as AWS describes it', async () => {
    const machine = await createMachine(sfn, {
      Work: task(
        { throwName: 'StalePlanError', message: 'the state moved on' },
        { Catch: [{ ErrorEquals: ['StalePlanError'], Output: '{% $states.errorOutput %}', Next: 'Done' }] },
      ),
      Done: { Type: 'Succeed' },
    });
    const { status, output } = await runMachine(sfn, machine);
    expect(status).toBe('SUCCEEDED');
    const error = JSON.parse(output ?? '') as { Error: string; Cause: string };
    expect(error.Error).toBe('StalePlanError');
    expect(JSON.parse(error.Cause)).toMatchObject({
      errorType: 'StalePlanError',
      errorMessage: 'the state moved on',
      trace: expect.arrayContaining([expect.any(String)]),
    });
  });

  test('has its name when it throws before it returns a promise', async () => {
    await createFunction('rude', 'index.rude');
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'rude' }));
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'at once',
    });
  });

  test('that dies is a Runtime.ExitError of that invocation alone', async () => {
    const machine = await createMachine(sfn, { Probe: task({ die: true }) });
    expect(await runMachine(sfn, machine)).toMatchObject({
      status: 'FAILED',
      error: 'Runtime.ExitError',
      cause: expect.stringMatching(/Runtime exited without providing a reason/),
    });
    const next = await createMachine(sfn, { Probe: task({}) });
    expect(await runMachine(sfn, next)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('stays warm', async () => {
    const invoke = async (event: object) => {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: 'probe', Payload: Buffer.from(JSON.stringify(event)) }),
      );
      return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as { pid: number };
    };
    const before = await invoke({});
    await invoke({ throwName: 'SomeError' });
    expect((await invoke({})).pid).toBe(before.pid);
  });
});

describe('retries', () => {
  test('wait no longer than MaxDelaySeconds, and with full jitter up to that', async () => {
    const retry = { ErrorEquals: ['FlakyError'], IntervalSeconds: 50, MaxAttempts: 1 };
    const machine = await createMachine(sfn, {
      Work: task(
        { throwName: 'FlakyError' },
        { Retry: [{ ...retry, MaxDelaySeconds: 1, JitterStrategy: 'FULL' }] },
      ),
    });
    const startedAt = Date.now();
    expect((await runMachine(sfn, machine)).error).toBe('FlakyError');
    expect(Date.now() - startedAt).toBeLessThan(2_500);
  });

  test('of a Parallel state wait so too', async () => {
    const retry = { ErrorEquals: ['FlakyError'], IntervalSeconds: 50, MaxAttempts: 1, MaxDelaySeconds: 1 };
    const branch = {
      StartAt: 'Work',
      States: { Work: { Type: 'Fail', Error: 'FlakyError', Cause: 'again' } },
    };
    const machine = await createMachine(sfn, {
      Both: { Type: 'Parallel', Branches: [branch], Retry: [retry], End: true },
    });
    const startedAt = Date.now();
    expect((await runMachine(sfn, machine)).error).toBe('FlakyError');
    const took = Date.now() - startedAt;
    expect(took).toBeGreaterThan(950);
    expect(took).toBeLessThan(2_500);
  });
});

describe('nested executions', () => {
  test('that fail surface as States.TaskFailed with their description as the cause', async () => {
    const child = await createMachine(sfn, {
      Stop: { Type: 'Fail', Error: 'NotApprovedError', Cause: 'nobody did' },
    });
    const parent = await createMachine(sfn, { Call: nested(child) });
    const { status, error, cause } = await runMachine(sfn, parent);
    expect([status, error]).toEqual(['FAILED', 'States.TaskFailed']);
    const childArn = await childOf(child);
    expect(JSON.parse(cause ?? '')).toMatchObject({
      Cause: 'nobody did',
      Error: 'NotApprovedError',
      ExecutionArn: childArn,
      Input: { from: 'parent' },
      InputDetails: { Included: true },
      Name: childArn.split(':').at(-1),
      StartDate: expect.any(Number),
      StateMachineArn: child,
      Status: 'FAILED',
      StopDate: expect.any(Number),
    });
    await untilPublished(childArn, 'FAILED');
  });

  test('that succeed give their output as JSON', async () => {
    const child = await createMachine(sfn, { Pass: { Type: 'Pass', Output: { answer: 42 }, End: true } });
    const parent = await createMachine(sfn, {
      Call: nested(child, { Output: '{% $states.result.Output %}' }),
    });
    const { output } = await runMachine(sfn, parent);
    expect(JSON.parse(output ?? '')).toEqual({ answer: 42 });
  });

  test('are stopped with their parent, and say so', async () => {
    const child = await createMachine(sfn, { Wait: { Type: 'Wait', Seconds: 300, End: true } });
    const parent = await createMachine(sfn, { Call: nested(child) });
    const parentArn = await startMachine(sfn, parent);
    const childArn = await childOf(child);
    await sfn.send(new StopExecutionCommand({ executionArn: parentArn, error: 'Stopped', cause: 'by hand' }));
    expect(await describe1(parentArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Stopped',
      cause: 'by hand',
    });
    const stopped = await untilEnded(sfn, childArn);
    expect(stopped.status).toBe('ABORTED');
    expect(stopped.cause).toContain(`[${parentArn}] which was managing this resource was aborted`);
    await untilPublished(childArn, 'ABORTED');
    await untilPublished(parentArn, 'ABORTED');
  });

  test('are stopped when the task that waits for them times out', async () => {
    const child = await createMachine(sfn, { Wait: { Type: 'Wait', Seconds: 300, End: true } });
    const parent = await createMachine(sfn, { Call: nested(child, { TimeoutSeconds: 1 }) });
    expect((await runMachine(sfn, parent)).error).toBe('States.Timeout');
    expect((await untilEnded(sfn, await childOf(child))).status).toBe('ABORTED');
  });

  test('that cannot be started fail with the name of the refusal', async () => {
    const missing = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
    const parent = await createMachine(sfn, { Call: nested(missing) });
    expect((await runMachine(sfn, parent)).error).toBe('StepFunctions.StateMachineDoesNotExistException');
  });
});

describe('executions', () => {
  test('time out after their machine’s TimeoutSeconds, with their nested executions', async () => {
    const child = await createMachine(sfn, { Wait: { Type: 'Wait', Seconds: 300, End: true } });
    const parent = await createMachine(sfn, { Call: nested(child) }, { timeoutSeconds: 1 });
    const parentArn = await startMachine(sfn, parent);
    const ended = await untilEnded(sfn, parentArn);
    expect([ended.status, ended.error]).toEqual(['TIMED_OUT', 'States.Timeout']);
    expect((await untilEnded(sfn, await childOf(child))).status).toBe('ABORTED');
    await untilPublished(parentArn, 'TIMED_OUT');
  });

  test('stay aborted when a task fails afterwards', async () => {
    const branches = [
      { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 300, End: true } } },
      { StartAt: 'Late', States: { Late: { Type: 'Wait', Seconds: 1, Next: 'Bad' }, Bad: { Type: 'Fail' } } },
    ];
    const machine = await createMachine(sfn, { Both: { Type: 'Parallel', Branches: branches, End: true } });
    const executionArn = await startMachine(sfn, machine);
    await sfn.send(new StopExecutionCommand({ executionArn }));
    await new Promise((done) => setTimeout(done, 1_300));
    expect((await describe1(executionArn)).status).toBe('ABORTED');
  });

  test('start and end within a tenth of a second when there is nothing to do', async () => {
    const machine = await createMachine(sfn, { Pass: { Type: 'Pass', End: true } });
    await runMachine(sfn, machine);
    const { startDate, stopDate } = await runMachine(sfn, machine);
    expect((stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0)).toBeLessThan(100);
  });

  test('are started once for one name and one input while they run', async () => {
    const machine = await createMachine(sfn, { Wait: { Type: 'Wait', Seconds: 300, End: true } });
    const start = (input: string) =>
      sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name: 'once', input }));
    const first = await start('{"a":1}');
    expect((await start('{"a":1}')).executionArn).toBe(first.executionArn);
    await expect(start('{"a":2}')).rejects.toThrow(
      expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
    );
    await sfn.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(start('{"a":1}')).rejects.toThrow(
      expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
    );
  });

  test('work through a Distributed Map whose reader, selector, concurrency and result are expressions', async () => {
    const bucket = 'mended-map';
    const s3 = new S3Client({ ...clients(fixture).config, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'list.json', Body: '[{"n":1},{"n":2},{"n":3}]' }),
    );
    const machine = await createMachine(sfn, {
      Each: {
        Type: 'Map',
        MaxConcurrency: '{% $states.input.atOnce %}',
        ToleratedFailurePercentage: 100,
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON' },
          Arguments: { Bucket: bucket, Key: "{% $states.input.name & '.json' %}" },
        },
        ItemSelector: { n: '{% $states.context.Map.Item.Value.n %}', plus: '{% $states.input.plus %}' },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Add',
          States: { Add: { Type: 'Pass', Output: '{% $states.input.n + $states.input.plus %}', End: true } },
        },
        Assign: { total: '{% $sum($states.result) %}' },
        Output: { results: '{% $states.result %}' },
        Next: 'Done',
      },
      Done: { Type: 'Pass', Output: { total: '{% $total %}', input: '{% $states.input %}' }, End: true },
    });
    const { output } = await runMachine(sfn, machine, { atOnce: 2, name: 'list', plus: 10 });
    expect(JSON.parse(output ?? '')).toEqual({ total: 36, input: { results: [11, 12, 13] } });
  });

  test('give the branches of a Parallel state its arguments, and evaluate its output and variables', async () => {
    const branch = {
      StartAt: 'Echo',
      States: { Echo: { Type: 'Pass', Output: '{% $states.input.n + 1 %}', End: true } },
    };
    const machine = await createMachine(sfn, {
      Both: {
        Type: 'Parallel',
        Branches: [branch, branch],
        Arguments: { n: 1 },
        Assign: { total: '{% $sum($states.result) %}' },
        Output: { results: '{% $states.result %}' },
        Next: 'Done',
      },
      Done: { Type: 'Pass', Output: { total: '{% $total %}', input: '{% $states.input %}' }, End: true },
    });
    const { output } = await runMachine(sfn, machine);
    expect(JSON.parse(output ?? '')).toEqual({ total: 4, input: { results: [2, 2] } });
  });
});

describe('invocations', () => {
  const tail = async (event: object) => {
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: 'probe',
        LogType: 'Tail',
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
    return Buffer.from(answer.LogResult ?? '', 'base64').toString();
  };

  test('that log nothing do not wait for a log', async () => {
    await tail({});
    const milliseconds: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      const startedAt = performance.now();
      await tail({});
      milliseconds.push(performance.now() - startedAt);
    }
    // Unmended, each waits 50 ms; the quickest says so on a busy machine too.
    expect(Math.min(...milliseconds)).toBeLessThan(40);
  });

  test('keep every line of their log', async () => {
    for (const line of ['first line', 'second line', 'third line'])
      expect(await tail({ log: line })).toContain(line);
  });
});
