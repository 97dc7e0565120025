import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

const indexes = [
  ['lists', 'list', 'listAt'],
  ['asked', 'askedBy', 'askedAt'],
  ['by-due', 'tending', 'dueAt'],
  ['callback-pending', 'callbackPending', 'decidedAt'],
] as const;

/** The table `approvals` with its sparse indexes, as the data stack makes it. */
export const createApprovalsTable = async (client: DynamoDBClient): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: 'approvals',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'approvalId', KeyType: 'HASH' }],
      AttributeDefinitions: ['approvalId', ...indexes.flatMap(([, key, at]) => [key, at])].map(
        (AttributeName) => ({ AttributeName, AttributeType: 'S' }),
      ),
      GlobalSecondaryIndexes: indexes.map(([IndexName, key, at]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: key, KeyType: 'HASH' },
          { AttributeName: at, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    }),
  );
};
