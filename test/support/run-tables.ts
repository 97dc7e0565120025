import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The tables `runs`, `leases` and `workspaces` with the sparse indexes, as the data stack makes them. */
export const createRunTables = async (client: DynamoDBClient): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: 'workspaces',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'workspace', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'workspace', AttributeType: 'S' }],
    }),
  );
  for (const [TableName, key, IndexName, indexed] of [
    ['runs', 'runId', 'open-runs', 'open'],
    ['leases', 'workspace', 'callback-pending', 'callbackPending'],
  ] as const)
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        AttributeDefinitions: [key, indexed].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName,
            KeySchema: [{ AttributeName: indexed, KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    );
};

/** The table `ledger`; returns the ARN of its stream. */
export const createLedgerTable = async (client: DynamoDBClient): Promise<string | undefined> => {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'chain', AttributeType: 'S' },
        { AttributeName: 'seq', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'chain', KeyType: 'HASH' },
        { AttributeName: 'seq', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  return TableDescription?.LatestStreamArn;
};

/** The table `people`, as the data stack makes it. */
export const createPeopleTable = async (client: DynamoDBClient): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: 'people',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'part', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'part', KeyType: 'RANGE' },
      ],
    }),
  );
};
