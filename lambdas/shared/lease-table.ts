import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { type Lease, lease, type Ticket, ticketKey } from './lease-record';

/** What one transaction does to a workspace's lease and to the tickets of those who wait for it. */
export interface LeaseChange {
  /** The lease afterwards; `undefined` frees the workspace. */
  readonly after: Lease | undefined;
  /** A run that must be running, or nothing is done: what it got after its end would stay for ever. */
  readonly whileRunning?: string;
  readonly put?: Ticket;
  /** Puts this run's ticket into the outbox. */
  readonly grant?: { readonly runId: string; readonly at: string };
  /** Runs whose tickets are of no use any more. */
  readonly drop?: readonly string[];
}

/** The leases table: what is read, and transactions that hold only against what was read. */
export interface LeaseTable {
  read(workspace: string): Promise<Lease | undefined>;
  /** `moved`: the lease is no longer as it was read; read again. */
  write(
    workspace: string,
    before: Lease | undefined,
    change: LeaseChange,
  ): Promise<'written' | 'moved' | 'not-running'>;
}

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Why each write of a transaction was refused, in their order. */
const refusalsOf = (error: unknown): readonly (string | undefined)[] | undefined =>
  error instanceof Error && error.name === 'TransactionCanceledException' && 'CancellationReasons' in error
    ? (error.CancellationReasons as { Code?: string }[]).map(({ Code }) => Code)
    : undefined;

export const makeLeaseTable = ({
  client,
  runsTable,
  leasesTable,
}: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  runsTable: string;
  leasesTable: string;
}): LeaseTable => {
  const isRunning = (runId: string): Write => ({
    ConditionCheck: {
      TableName: runsTable,
      Key: { runId },
      ConditionExpression: '#status = :running',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':running': 'running' },
    },
  });
  const asRead = (before: Lease | undefined) =>
    before === undefined
      ? { ConditionExpression: 'attribute_not_exists(workspace)' }
      : {
          ConditionExpression: 'revision = :revision',
          ExpressionAttributeValues: { ':revision': before.revision },
        };
  const writesOf = (workspace: string, before: Lease | undefined, change: LeaseChange): Write[] => {
    const { after, whileRunning, put, grant, drop = [] } = change;
    const TableName = leasesTable;
    return [
      after
        ? { Put: { TableName, Item: after, ...asRead(before) } }
        : { Delete: { TableName, Key: { workspace }, ...asRead(before) } },
      ...(whileRunning === undefined ? [] : [isRunning(whileRunning)]),
      ...(put ? [{ Put: { TableName, Item: { ...put, workspace: ticketKey(put.runId) } } }] : []),
      ...(grant
        ? [
            {
              Update: {
                TableName,
                Key: { workspace: ticketKey(grant.runId) },
                UpdateExpression: 'SET grantedAt = :at, callbackPending = :one',
                ConditionExpression: 'attribute_exists(workspace)',
                ExpressionAttributeValues: { ':at': grant.at, ':one': '1' },
              },
            },
          ]
        : []),
      ...drop.map((runId): Write => ({ Delete: { TableName, Key: { workspace: ticketKey(runId) } } })),
    ];
  };
  return {
    read: async (workspace) => {
      const { Item } = await client.send(
        new GetCommand({ TableName: leasesTable, Key: { workspace }, ConsistentRead: true }),
      );
      return Item && lease.parse(Item);
    },
    write: async (workspace, before, change) => {
      try {
        await client.send(new TransactWriteCommand({ TransactItems: writesOf(workspace, before, change) }));
        return 'written';
      } catch (error) {
        const refusals = refusalsOf(error);
        if (!refusals) throw error;
        if (change.whileRunning !== undefined && refusals[1] === 'ConditionalCheckFailed')
          return 'not-running';
        if (refusals.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict'))
          return 'moved';
        throw error;
      }
    },
  };
};
