import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { EmulatorError, startEmulator } from '../../local/emulator/emulator';
import { findFreePort, PortInUseError } from '../../local/emulator/free-port';
import {
  clients,
  createMachine,
  createQueue,
  endFixture,
  eventually,
  type Fixture,
  publishStatusTo,
  receive,
  startFixture,
  startMachine,
  zipOf,
} from '../support/emulator-fixture';

jest.setTimeout(60_000);

const LAUNCHER = join(__dirname, '..', '..', 'local', 'emulator', 'launcher.py');

/** Starts a child that leaves its process group, and says who both are. */
const PARENT = `
exports.handler = async () => {
  const child = require('node:child_process').spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: {} });
  return { worker: process.pid, child: child.pid };
};
`;

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const untilDead = (pid: number) => eventually(async () => (isAlive(pid) ? undefined : true));

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

let fixture: Fixture;

const invokeParent = async (): Promise<{ worker: number; child: number }> => {
  const { lambda } = clients(fixture);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'parent',
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Code: { ZipFile: zipOf(fixture, 'parent', PARENT) },
    }),
  );
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'parent' }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
};

beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => endFixture(fixture));

test('stopping leaves no process behind, not even one that left its group', async () => {
  const { worker, child } = await invokeParent();
  expect([isAlive(worker), isAlive(child)]).toEqual([true, true]);
  await fixture.emulator.stop();
  await Promise.all([worker, child].map(untilDead));
});

test('a killed server takes every process along', async () => {
  const { worker, child } = await invokeParent();
  const [server = 0] = childrenOf(fixture.emulator.pid);
  process.kill(server, 'SIGKILL');
  await fixture.emulator.exited;
  await Promise.all([server, worker, child].map(untilDead));
});

test('a killed launcher takes the server and its Lambdas along', async () => {
  const { worker, child } = await invokeParent();
  const [server = 0] = childrenOf(fixture.emulator.pid);
  process.kill(fixture.emulator.pid, 'SIGKILL');
  await Promise.all([server, worker, child].map(untilDead));
});

test('the launcher ends when its standard input does', async () => {
  const stateDir = join(fixture.folder, 'other');
  mkdirSync(stateDir);
  const args = [LAUNCHER, '--port', String(await findFreePort()), '--state-dir', stateDir];
  const launcher = spawn(fixture.tools.pythonBin, args, {
    env: { PATH: '/usr/bin:/bin', TMPDIR: stateDir },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = new Promise<number | null>((done) => launcher.once('exit', done));
  await eventually(async () => childrenOf(launcher.pid ?? 0)[0]);
  await sleep(500);
  launcher.stdin?.end();
  expect(await exited).toBe(0);
});

test('a killed emulator has its recent state at the next start, and ends what was running', async () => {
  const { sfn, sqs, config } = clients(fixture);
  const dynamo = new DynamoDBClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'runs',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  const enabled = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'artifacts', VersioningConfiguration: enabled }));
  const { worker } = await invokeParent();
  const queueUrl = await createQueue(sqs, 'tokens');
  const machine = await createMachine(sfn, {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: queueUrl, MessageBody: '{% $states.context.Task.Token %}' },
      End: true,
    },
  });
  const statusQueue = await publishStatusTo(fixture, 'status');
  const executionArn = await startMachine(sfn, machine);
  const taskToken = await eventually(async () => (await receive(sqs, queueUrl))[0]);
  await dynamo.send(new PutItemCommand({ TableName: 'runs', Item: { id: { S: 'one' } } }));
  const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket: 'artifacts', Key: 'plan', Body }));
  const first = await put('first');
  await put('second');
  await sleep(6_000);

  process.kill(fixture.emulator.pid, 'SIGKILL');
  await fixture.emulator.exited;
  await untilDead(worker);
  await fixture.restart();

  const after = clients(fixture);
  const dynamoAfter = new DynamoDBClient(after.config);
  const s3After = new S3Client({ ...after.config, forcePathStyle: true });
  const { Item } = await dynamoAfter.send(
    new GetItemCommand({ TableName: 'runs', Key: { id: { S: 'one' } } }),
  );
  expect(Item).toEqual({ id: { S: 'one' } });
  const get = async (VersionId?: string) => {
    const { Body } = await s3After.send(
      new GetObjectCommand({ Bucket: 'artifacts', Key: 'plan', VersionId }),
    );
    return Body?.transformToString();
  };
  expect([await get(), await get(first.VersionId)]).toEqual(['second', 'first']);
  const answer = await after.lambda.send(new InvokeCommand({ FunctionName: 'parent' }));
  expect(answer.FunctionError).toBeUndefined();
  expect(await after.sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'ABORTED',
    error: 'LocalPlatformStopped',
  });
  const events = await eventually(async () => {
    const bodies = await receive(after.sqs, statusQueue.replace(/:\d+\//, `:${fixture.emulator.port}/`));
    return bodies.find((body) => body.includes('ABORTED') && body.includes(executionArn));
  });
  expect(JSON.parse(events)).toMatchObject({ detail: { status: 'ABORTED', error: 'LocalPlatformStopped' } });
  await expect(after.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '1' }))).rejects.toThrow(
    expect.objectContaining({ name: 'TaskTimedOut' }),
  );
});

test('a port that is taken is named', async () => {
  const port = await findFreePort();
  const blocker = createServer().listen(port, '127.0.0.1');
  await new Promise((done) => blocker.once('listening', done));
  const options = {
    toolchain: fixture.tools,
    port,
    stateDir: join(fixture.folder, 'x'),
    logFile: join(fixture.folder, 'x.log'),
  };
  await expect(startEmulator(options)).rejects.toThrow(new PortInUseError(port));
  expect(existsSync(options.stateDir)).toBe(false);
  blocker.close();
});

test('a start that fails says why', async () => {
  const toolchain = { ...fixture.tools, pythonBin: '/nonexistent/python' };
  const options = { toolchain, stateDir: join(fixture.folder, 'y'), logFile: join(fixture.folder, 'y.log') };
  await expect(startEmulator(options)).rejects.toThrow(EmulatorError);
});

test('a MiniStack that the mends do not fit is refused, naming them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'other-ministack-'));
  for (const name of [
    '__init__',
    'core/__init__',
    'services/__init__',
    'core/lambda_runtime',
    'services/lambda_svc',
    'services/stepfunctions',
  ]) {
    mkdirSync(join(folder, 'ministack', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'ministack', `${name}.py`), '');
  }
  const launcher = spawn(fixture.tools.pythonBin, [LAUNCHER, '--port', '1', '--state-dir', folder], {
    env: { PATH: '/usr/bin:/bin', PYTHONPATH: folder },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  launcher.stderr.on('data', (text) => {
    stderr += text;
  });
  const status = await new Promise<number | null>((done) => launcher.once('close', done));
  rmSync(folder, { recursive: true, force: true });
  expect(stderr).toContain('The installed MiniStack is not the one that the local platform corrects');
  expect(stderr).toContain(
    'callback-wait (ministack.services.stepfunctions): its text occurs 0 times instead of once',
  );
  expect(status).toBe(78);
});
