import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { brokerInput, issuedCredentials } from '../../lambdas/broker-credentials/contract';
import type { IssueCredentials } from '../../lambdas/runners/lent-credentials';
import type { defineStep } from '../../lambdas/shared/define-step';
import type { LedgerEntry } from '../../lambdas/shared/ledger';
import { createLedgerTable, createPeopleTable } from '../support/run-tables';
import { makeHarness } from '../support/runner-harness';
import { type RunnerPlatform, startRunnerPlatform } from '../support/runner-platform';

jest.setTimeout(120_000);

let platform: RunnerPlatform;
let issueCredentials: IssueCredentials;
const inherited = { ...process.env };

beforeAll(async () => {
  platform = await startRunnerPlatform({ needHosts: false });
  const { AWS_ENDPOINT_URL = '', STATE_BUCKET, ARTIFACTS_BUCKET = '' } = platform.env;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: AWS_ENDPOINT_URL, region: 'us-east-1', credentials });
  await createLedgerTable(client);
  await createPeopleTable(client);
  client.destroy();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    PURPOSE: 'plan',
    TARGETS: '[]',
    ROLE_ARN: 'arn:aws:iam::000000000000:role/lent-to-plan',
    STATE_BUCKET_ARN: `arn:aws:s3:::${STATE_BUCKET}`,
    APPROVALS_TABLE: 'approvals',
    RUNS_TABLE: 'runs',
    WORKSPACES_TABLE: 'workspaces',
    LEASES_TABLE: 'leases',
    LEDGER_TABLE: 'ledger',
    PEOPLE_TABLE: 'people',
    ARTIFACTS_BUCKET,
  });
  // It reads its environment when it is loaded.
  const {
    handler,
  }: { handler: ReturnType<typeof defineStep<typeof brokerInput, typeof issuedCredentials>> } =
    require('../../lambdas/broker-credentials/handler');
  issueCredentials = (request) => handler(request, { getRemainingTimeInMillis: () => 10_000 });
}, 600_000);
afterAll(async () => {
  process.env = inherited;
  await platform?.stop();
});

test('OpenTofu reads state, locks it and encrypts with what the broker lends', async () => {
  const lent: string[] = [];
  const harness = makeHarness(platform, {
    issueCredentials: async (request) => {
      const issued = await issueCredentials(request);
      lent.push(issued.accessKeyId);
      return issued;
    },
  });
  const plan = await harness.plan('lent', 'demo/lent', 'box', { name: 'web-01' });
  expect(plan).toMatchObject({ empty: false, counts: { create: 1 } });
  expect(lent).toEqual([expect.stringMatching(/^ASIA/)]);
  const { Items = [] } = await platform.documents.send(
    new QueryCommand({
      TableName: 'ledger',
      KeyConditionExpression: 'chain = :tenant AND seq > :head',
      ExpressionAttributeValues: { ':tenant': 'demo', ':head': 0 },
    }),
  );
  expect(Items.map(({ entry }) => (entry as LedgerEntry).data)).toEqual([
    expect.objectContaining({ purpose: 'plan', workspace: 'demo/lent', accessKeyId: lent[0] }),
  ]);
});

test('what the broker refuses is the answer of the task, and no tool has run', async () => {
  const harness = makeHarness(platform, { issueCredentials });
  const plan = await harness.plan('refused', 'demo/refused', 'box', { name: 'web-01' });
  const change = await harness.bind('refused', 'demo/refused', plan);
  await harness.decide(change, 'approved');
  await expect(harness.apply('refused', 'demo/refused', change)).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: 'This broker lends what is needed to plan, nothing else.',
  });
});
