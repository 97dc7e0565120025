import { CreateBackupCommand, type DynamoDBClient, ListBackupsCommand } from '@aws-sdk/client-dynamodb';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { type Copied, copyTable } from './copy-table';
import { withRestoredCopy } from './restored-copy';

/**
 * The tables that are restored, by their name in the stack. The ledger comes back from its locked copies. Leases do
 * not come back: who holds a workspace is a fact of now, and one that nobody holds is free. What channels remember of
 * deliveries is forgotten by itself.
 */
const restorable: readonly string[] = ['Runs', 'Approvals', 'Workspaces', 'People'];

interface Tables {
  readonly client: DynamoDBClient;
  /** By the name in the stack. */
  readonly tables: Readonly<Record<string, string>>;
}

export interface RestoreTables extends Tables {
  /** The name of a backup that each of them has, or a time within the last 35 days. */
  readonly source: { readonly backup: string } | { readonly pointInTime: Date };
  readonly replace: boolean;
  readonly now: Date;
}

const restorableOf = ({ tables }: Tables): [string, string][] =>
  restorable.flatMap((name) => (tables[name] === undefined ? [] : [[name, tables[name]]]));

/** Backs each table up under one name. */
export const backUpTables = async (call: Tables, name: string): Promise<string[]> => {
  for (const [, table] of restorableOf(call))
    await call.client.send(new CreateBackupCommand({ TableName: table, BackupName: name }));
  return restorableOf(call).map(([known]) => known);
};

/** Puts back what is missing in each table, one after another. */
export const restoreTables = async (call: RestoreTables): Promise<Record<string, Copied>> => {
  const { client, replace, now: at } = call;
  const sources = [];
  for (const [name, table] of restorableOf(call))
    sources.push({ name, table, source: await sourceOf(call, table) });
  const done: Record<string, Copied> = {};
  for (const { name, table, source } of sources)
    done[name] = await withRestoredCopy(client, { table, source, at }, (from, key) =>
      copyTable({ client, from, to: table, key, replace }),
    );
  return done;
};

const sourceOf = async ({ client, source }: RestoreTables, table: string) => {
  if ('pointInTime' in source) return source;
  let start: string | undefined;
  const found: { arn: string; at: number }[] = [];
  do {
    const page = await client.send(
      new ListBackupsCommand({ TableName: table, ExclusiveStartBackupArn: start }),
    );
    for (const { BackupName, BackupArn = '', BackupCreationDateTime } of page.BackupSummaries ?? [])
      if (BackupName === source.backup)
        found.push({ arn: BackupArn, at: BackupCreationDateTime?.getTime() ?? 0 });
    start = page.LastEvaluatedBackupArn;
  } while (start);
  const newest = found.sort((one, other) => other.at - one.at)[0];
  if (!newest)
    throw new InvalidInputError(
      `The table ${table} has no backup named ${source.backup}. Nothing was restored; see \`aws dynamodb list-backups\`.`,
    );
  return { backupArn: newest.arn };
};
