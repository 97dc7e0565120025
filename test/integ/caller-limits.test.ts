import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tooManyPage } from '../../lambdas/approval-pages/too-many-page';
import { makeLimitCallers } from '../../lambdas/shared/caller-limits';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';

jest.setTimeout(60_000);
let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => endFixture(fixture));

test('of many requests at the same moment the table lets exactly so many through, and forgets them', async () => {
  const client = new DynamoDBClient(clients(fixture).config);
  await client.send(
    new CreateTableCommand({
      TableName: 'limits',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const limit = makeLimitCallers({
    client: DynamoDBDocumentClient.from(client),
    table: 'limits',
    most: 10,
    now: () => new Date('2026-11-21T09:01:00.000Z'),
  });
  const answer = limit({ route: 'answers', tooMany: tooManyPage }, async () => ({
    status: 200,
    headers: {},
    body: '',
  }));
  const request = {
    method: 'POST',
    pathId: '',
    query: {},
    headers: {},
    body: Buffer.of(),
    sourceAddress: '192.0.2.1',
  };
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await answer(request)).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  const { Items } = await client.send(new ScanCommand({ TableName: 'limits' }));
  expect(Items).toEqual([
    {
      id: { S: expect.stringMatching(/^limit#answers#[0-9a-f]{64}#\d+$/) },
      calls: { N: '10' },
      forgetAt: { N: String(Date.parse('2026-11-21T09:10:00.000Z') / 1000) },
    },
  ]);
});
