import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../local/emulator/emulator';
import { createProgress } from '../../local/progress';
import { ensureToolchain, type Toolchain } from '../../local/toolchain/toolchain';

const silent = { write: () => true };

export const toolchain = (): Promise<Toolchain> =>
  ensureToolchain(createProgress(silent), { needHosts: false });

export interface Fixture {
  emulator: Emulator;
  readonly folder: string;
  readonly tools: Toolchain;
  restart(): Promise<void>;
}

const configOf = (fixture: Fixture) => ({
  endpoint: fixture.emulator.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

export const clients = (fixture: Fixture) => ({
  sfn: new SFNClient(configOf(fixture)),
  lambda: new LambdaClient(configOf(fixture)),
  sqs: new SQSClient(configOf(fixture)),
  config: configOf(fixture),
});

/** An emulator of its own, in a folder that goes away with it. */
export const startFixture = async (
  options: Pick<EmulatorOptions, 'enforcesPolicies'> = {},
): Promise<Fixture> => {
  const folder = mkdtempSync(join(tmpdir(), 'emulator-test-'));
  const tools = await toolchain();
  const start = () =>
    startEmulator({
      ...options,
      toolchain: tools,
      stateDir: join(folder, 'state'),
      logFile: join(folder, 'emulator.log'),
    });
  const fixture: Fixture = {
    emulator: await start(),
    folder,
    tools,
    restart: async () => {
      fixture.emulator = await start();
    },
  };
  return fixture;
};

export const endFixture = async (fixture: Fixture): Promise<void> => {
  await fixture.emulator.stop();
  rmSync(fixture.folder, { recursive: true, force: true });
};

/** A deployment package with one `index.js`. */
export const zipOf = (
  fixture: Pick<Fixture, 'folder' | 'tools'>,
  name: string,
  source: string,
): Uint8Array => {
  const file = join(fixture.folder, 'index.js');
  const archive = join(fixture.folder, `${name}.zip`);
  writeFileSync(file, source);
  execFileSync(fixture.tools.pythonBin, ['-m', 'zipfile', '-c', archive, file]);
  return readFileSync(archive);
};

let machines = 0;

/** Creates a state machine in JSONata and returns its ARN. */
export const createMachine = async (
  sfn: SFNClient,
  states: Record<string, object>,
  options: { timeoutSeconds?: number } = {},
): Promise<string> => {
  machines += 1;
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(states)[0],
    States: states,
    ...(options.timeoutSeconds ? { TimeoutSeconds: options.timeoutSeconds } : {}),
  };
  const { stateMachineArn = '' } = await sfn.send(
    new CreateStateMachineCommand({
      name: `machine-${machines}-${Date.now()}`,
      roleArn: 'arn:aws:iam::000000000000:role/machine',
      definition: JSON.stringify(definition),
    }),
  );
  return stateMachineArn;
};

export const startMachine = async (
  sfn: SFNClient,
  stateMachineArn: string,
  input: object = {},
): Promise<string> => {
  const started = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return started.executionArn ?? '';
};

/** Waits until the check gives a value. */
export const eventually = async <T>(check: () => Promise<T | undefined>, timeoutMs = 10_000): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error('It did not happen in time');
    await sleep(25);
  }
};

export const untilEnded = (sfn: SFNClient, executionArn: string): Promise<DescribeExecutionOutput> =>
  eventually(async () => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === 'RUNNING' ? undefined : execution;
  }, 20_000);

export const runMachine = async (
  sfn: SFNClient,
  arn: string,
  input: object = {},
): Promise<DescribeExecutionOutput> => untilEnded(sfn, await startMachine(sfn, arn, input));

export const createQueue = async (sqs: SQSClient, name: string): Promise<string> => {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return QueueUrl;
};

/** The bodies of the messages that are in the queue now. */
export const receive = async (sqs: SQSClient, queueUrl: string): Promise<string[]> => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  );
  return Messages.map((message) => message.Body ?? '');
};

/** Calls EventBridge without its client, which the project does not use otherwise. */
const callEvents = async (fixture: Fixture, action: string, body: object): Promise<void> => {
  const response = await fetch(fixture.emulator.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSEvents.${action}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${action}: ${await response.text()}`);
};

/** Creates a queue that gets every status-change event of executions, and returns its URL. */
export const publishStatusTo = async (fixture: Fixture, name: string): Promise<string> => {
  const queueUrl = await createQueue(clients(fixture).sqs, name);
  await callEvents(fixture, 'PutRule', {
    Name: name,
    EventPattern: JSON.stringify({ source: ['aws.states'] }),
  });
  const target = { Id: 'queue', Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
  await callEvents(fixture, 'PutTargets', { Rule: name, Targets: [target] });
  return queueUrl;
};
