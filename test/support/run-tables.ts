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
