import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  CreateFunctionCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { findDeadLetters, replayDeadLetters } from '../../cli/dead-letters';
import { makeQueueMessages } from '../../lambdas/channels/queue-messages';
import { makeLedger } from '../../lambdas/shared/ledger';
import { people } from '../../lambdas/shared/ledger-event';
import { makePeople } from '../../lambdas/shared/people';
import { bundleOf } from '../../lib/constructs/bundle';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import {
  clients,
  createQueue,
  endFixture,
  eventually,
  type Fixture,
  startFixture,
  zipOf,
} from '../support/emulator-fixture';
import { type Receiver, startReceiver } from '../support/http-receiver';
import { anEntry } from '../support/ledger-entries';
import { createLedgerTable, createPeopleTable } from '../support/run-tables';

jest.setTimeout(120_000);

const secret = `whsec_${Buffer.from('a secret of the test, 32 bytes..').toString('base64')}`;
let fixture: Fixture;
let receiver: Receiver;
let queue: string;
let deadLetters: string;
let ledger: ReturnType<typeof makeLedger>;

/** The step as it is deployed: its own bundle, fed by the emulator. */
const deploy = async (
  step: string,
  environment: Record<string, string>,
  source: CreateEventSourceMappingCommandInput,
): Promise<void> => {
  const { lambda } = clients(fixture);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: step,
      Runtime: 'nodejs20.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Timeout: 30,
      Environment: { Variables: environment },
      Code: { ZipFile: zipOf(fixture, step, readFileSync(join(bundleOf(step), 'index.js'), 'utf8')) },
    }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...source,
      FunctionName: step,
    }),
  );
};

beforeAll(async () => {
  fixture = await startFixture();
  // Flapping: it takes nothing the first time.
  receiver = await startReceiver(
    (_, response, earlier) => void response.writeHead(earlier === 0 ? 500 : 204).end(),
  );
  const { sqs, config } = clients(fixture);
  queue = await createQueue(sqs, 'itsm');
  deadLetters = await createQueue(sqs, 'itsm-dead-letters');
  const { ARN = '' } = await new SecretsManagerClient(config).send(
    new CreateSecretCommand({ Name: 'itsm', SecretString: secret }),
  );
  const dynamo = new DynamoDBClient(config);
  const stream = await createLedgerTable(dynamo);
  await createPeopleTable(dynamo);
  const client = DynamoDBDocumentClient.from(dynamo);
  ledger = makeLedger({ client, table: 'ledger', people: makePeople({ client, table: 'people' }) });
  await deploy(
    'deliver-webhook',
    {
      URL: `${receiver.url}/in`,
      SECRET_ARN: ARN,
      PEOPLE_TABLE: 'people',
      QUEUE_URL: queue,
      DEAD_LETTERS_URL: deadLetters,
      LOOPBACK: 'yes',
    },
    { FunctionName: '', EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:itsm', BatchSize: 1 },
  );
  await deploy(
    'route-events',
    {
      ENVIRONMENT: 'local',
      PUBLIC_URL: 'http://127.0.0.1/live',
      CHANNELS: JSON.stringify([{ name: 'webhook:itsm', queue, inOrder: false }]),
      ROUTES: JSON.stringify([{ when: { workspaces: ['demo/*'] }, to: ['webhook:itsm'] }]),
    },
    {
      FunctionName: '',
      EventSourceArn: stream,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
    },
  );
});
afterAll(async () => {
  await receiver?.stop();
  await endFixture(fixture);
});

test('what the ledger records arrives signed at a receiver that failed at first, under one id', async () => {
  const { seq: _seq, hash: _hash, prevHash: _prevHash, ...event } = anEntry();
  const asked = { ...event.data, approvers: people(['alex', 'dana']) };
  await ledger.append({ ...event, actor: 'request-approval', data: asked });
  await eventually(async () => (receiver.received.length >= 2 ? true : undefined), 60_000);
  const [first, second] = receiver.received;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.body).toBe(first?.body);
  expect(JSON.parse(second?.body ?? '')).toMatchObject({
    type: 'approval.requested',
    environment: 'local',
    data: { approvers: ['alex', 'dana'] },
  });
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${second?.headers['webhook-id']}.${second?.headers['webhook-timestamp']}.${second?.body}`;
  expect(second?.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
  );
});

test('a dead letter is listed with its reason and delivered again under the same id', async () => {
  const [, delivered] = receiver.received;
  const { sqs } = clients(fixture);
  const body = JSON.stringify({ to: 'webhook:itsm', event: JSON.parse(delivered?.body ?? '') });
  const aside = { messageId: 'm', receiptHandle: 'r', body, attributes: { ApproximateReceiveCount: '9' } };
  await makeQueueMessages(sqs, { queue, deadLetters }).setAside(aside, 'The receiver answered 500.', 9);
  const outputs = {
    ...deployedOutputs,
    DeadLetters1: JSON.stringify({ name: 'webhook-itsm', queue: deadLetters, again: { queue } }),
  };
  const cloudFormation = mockClient(CloudFormationClient);
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [stackWith(outputs)],
  });
  const any = { of: null, id: null };
  const deps = {
    sqs,
    lambda: new LambdaClient({ region: 'us-east-1' }),
    stepFunctions: new SFNClient({ region: 'us-east-1' }),
    cloudFormation: new CloudFormationClient({ region: 'us-east-1' }),
    environment: 'local',
  };
  await expect(findDeadLetters(deps, any)).resolves.toMatchObject([
    { id: delivered?.headers['webhook-id'], reason: 'The receiver answered 500.', attempts: 9 },
  ]);
  const before = receiver.received.length;
  await expect(replayDeadLetters(deps, any)).resolves.toHaveLength(1);
  const again = await eventually(async () => receiver.received[before], 30_000);
  expect(again.headers['webhook-id']).toBe(delivered?.headers['webhook-id']);
  await expect(findDeadLetters(deps, any)).resolves.toEqual([]);
});
