import {
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** What a table is restored from: its own log of changes, or a backup that somebody made. */
export type RestoreSource = { readonly pointInTime: Date } | { readonly backupArn: string };

/** A restore of a large table takes hours, and says so. */
const longestSeconds = 12 * 3600;

/**
 * Restores a table beside itself, hands the copy over, and takes it away again. DynamoDB never restores into a table
 * that exists; and only this one has the name, the stream and the alarms that the app was deployed with.
 */
export const withRestoredCopy = async <T>(
  client: DynamoDBClient,
  { table, source, at }: { table: string; source: RestoreSource; at: Date },
  use: (copy: string, key: readonly string[]) => Promise<T>,
): Promise<T> => {
  const copy = `${table}-restored-${at.toISOString().replaceAll(/\D/g, '').slice(0, 14)}`;
  // It is read once: indexes would be built for nobody.
  const target = { TargetTableName: copy, GlobalSecondaryIndexOverride: [] };
  if ('backupArn' in source)
    await client.send(new RestoreTableFromBackupCommand({ ...target, BackupArn: source.backupArn }));
  else
    await client.send(
      new RestoreTableToPointInTimeCommand({
        ...target,
        SourceTableName: table,
        RestoreDateTime: source.pointInTime,
      }),
    );
  try {
    await waitUntilTableExists({ client, maxWaitTime: longestSeconds, maxDelay: 30 }, { TableName: copy });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: copy }));
    const key = [...(Table?.KeySchema ?? [])]
      .sort((one, other) => Number(other.KeyType === 'HASH') - Number(one.KeyType === 'HASH'))
      .map(({ AttributeName = '' }) => AttributeName);
    return await use(copy, key);
  } finally {
    await client.send(new DeleteTableCommand({ TableName: copy }));
  }
};
