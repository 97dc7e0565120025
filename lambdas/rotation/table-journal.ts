import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { hasLanded } from '../shared/conditional-write';
import { TransientError } from '../shared/errors';
import { mayPass } from '../shared/may-pass';
import { JournalConflictError } from './errors';
import { CredentialRecord, type Journal } from './journal';

interface Deps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly credentialsTable: string;
}

const asked = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && mayPass(error))
      throw new TransientError(`The table of credentials was not available (${error.name}). Start again.`);
    throw error;
  }
};

/** The journal in the table `credentials`: one item a credential, under its `id`. */
export const makeTableJournal = ({ client, credentialsTable }: Deps): Journal => ({
  read: async (id) => {
    const { Item } = await asked(
      client.send(new GetCommand({ TableName: credentialsTable, Key: { id }, ConsistentRead: true })),
    );
    return Item && CredentialRecord.parse(Item);
  },
  write: async (record) => {
    const next = { ...record, revision: record.revision + 1 };
    const landed = await asked(
      hasLanded(
        client.send(
          new PutCommand({
            TableName: credentialsTable,
            Item: next,
            ...(record.revision === 0
              ? { ConditionExpression: 'attribute_not_exists(id)' }
              : {
                  ConditionExpression: 'revision = :read',
                  ExpressionAttributeValues: { ':read': record.revision },
                }),
          }),
        ),
      ),
    );
    if (!landed)
      throw new JournalConflictError(
        `The record of the credential ${record.id} was written by somebody else meanwhile. Start again.`,
      );
    return next;
  },
  list: async function* () {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await asked(
        client.send(
          new ScanCommand({ TableName: credentialsTable, ExclusiveStartKey, ConsistentRead: true }),
        ),
      );
      for (const item of page.Items ?? []) yield CredentialRecord.parse(item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  },
});
