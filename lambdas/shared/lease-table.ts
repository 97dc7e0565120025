import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  type Lease,
  lease,
  lineKey,
  type TenantLine,
  type Ticket,
  tenantLine,
  ticketKey,
} from './lease-record';
import { tenantOf } from './names';

/** What was read before a change. */
export interface Standing {
  readonly lease: Lease | undefined;
  readonly line: TenantLine | undefined;
}

/** What one transaction does to a workspace's lease, to its tenant's line and to the tickets of those who wait. */
export interface LeaseChange {
  /** The lease afterwards, or `free`. @default as it was */
  readonly lease?: Lease | 'free';
  /** The tenant's line afterwards, or `gone`. @default as it was */
  readonly line?: TenantLine | 'gone';
  /** Leases that others get of the tenant's workspaces, which nobody may have. @default none */
  readonly others?: readonly Lease[];
  /** Runs that must be running, or nothing is done: what they got after their end would stay for ever. */
  readonly whileRunning?: readonly string[];
  readonly put?: Ticket;
  /** Puts these runs' tickets into the outbox. */
  readonly grant?: { readonly runIds: readonly string[]; readonly at: string };
  /** Runs whose tickets are of no use any more. */
  readonly drop?: readonly string[];
}

/** `moved`: something is no longer as it was read; read again. */
export type Written = 'written' | 'moved' | { readonly notRunning: string } | { readonly occupied: string };

/** The leases table: what is read, and transactions that hold only against what was read. */
export interface LeaseTable {
  read(workspace: string): Promise<Standing>;
  readLine(tenant: string): Promise<TenantLine | undefined>;
  write(workspace: string, before: Standing, change: LeaseChange): Promise<Written>;
}

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
/** What a refusal of the write means, where it means more than that something moved. */
interface Meant {
  readonly write: Write;
  readonly refusal?: Exclude<Written, 'written'>;
}

/** Why each write of a transaction was refused, in their order. */
const refusalsOf = (error: unknown): readonly (string | undefined)[] | undefined =>
  error instanceof Error && error.name === 'TransactionCanceledException' && 'CancellationReasons' in error
    ? (error.CancellationReasons as { Code?: string }[]).map(({ Code }) => Code)
    : undefined;

const asRead = (before: { readonly revision: number } | undefined) =>
  before === undefined
    ? { ConditionExpression: 'attribute_not_exists(workspace)' }
    : {
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: { ':revision': before.revision },
      };

export const makeLeaseTable = ({
  client,
  runsTable,
  leasesTable: TableName,
}: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  runsTable: string;
  leasesTable: string;
}): LeaseTable => {
  const isRunning = (runId: string): Meant => ({
    write: {
      ConditionCheck: {
        TableName: runsTable,
        Key: { runId },
        ConditionExpression: '#status = :running',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':running': 'running' },
      },
    },
    refusal: { notRunning: runId },
  });
  const replace = (
    workspace: string,
    before: { readonly revision: number } | undefined,
    after: object | string,
  ): Meant => ({
    write:
      typeof after === 'string'
        ? { Delete: { TableName, Key: { workspace }, ...asRead(before) } }
        : { Put: { TableName, Item: after, ...asRead(before) } },
  });
  const granted = (runId: string, at: string): Meant => ({
    write: {
      Update: {
        TableName,
        Key: { workspace: ticketKey(runId) },
        UpdateExpression: 'SET grantedAt = :at, callbackPending = :one',
        ConditionExpression: 'attribute_exists(workspace)',
        ExpressionAttributeValues: { ':at': at, ':one': '1' },
      },
    },
  });
  const writesOf = (workspace: string, before: Standing, change: LeaseChange): Meant[] => {
    const { lease: after, line, others = [], whileRunning = [], put, grant, drop = [] } = change;
    return [
      ...(after ? [replace(workspace, before.lease, after)] : []),
      ...(line ? [replace(lineKey(tenantOf(workspace)), before.line, line)] : []),
      ...whileRunning.map(isRunning),
      ...others.map((one) => ({
        ...replace(one.workspace, undefined, one),
        refusal: { occupied: one.workspace },
      })),
      ...(put ? [{ write: { Put: { TableName, Item: { ...put, workspace: ticketKey(put.runId) } } } }] : []),
      ...(grant?.runIds ?? []).map((runId) => granted(runId, grant?.at ?? '')),
      ...drop.map((runId) => ({ write: { Delete: { TableName, Key: { workspace: ticketKey(runId) } } } })),
    ];
  };
  const get = async (workspace: string): Promise<Record<string, unknown> | undefined> =>
    (await client.send(new GetCommand({ TableName, Key: { workspace }, ConsistentRead: true }))).Item;
  const readLine = async (tenant: string): Promise<TenantLine | undefined> => {
    const found = await get(lineKey(tenant));
    return found && tenantLine.parse(found);
  };
  return {
    readLine,
    read: async (workspace) => {
      const [found, line] = await Promise.all([get(workspace), readLine(tenantOf(workspace))]);
      return { lease: found && lease.parse(found), line };
    },
    write: async (workspace, before, change) => {
      const writes = writesOf(workspace, before, change);
      try {
        await client.send(new TransactWriteCommand({ TransactItems: writes.map(({ write }) => write) }));
        return 'written';
      } catch (error) {
        const refusals = refusalsOf(error);
        if (!refusals) throw error;
        const meant = writes.find(
          ({ refusal }, index) => refusal !== undefined && refusals[index] === 'ConditionalCheckFailed',
        )?.refusal;
        if (meant) return meant;
        if (refusals.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict'))
          return 'moved';
        throw error;
      }
    },
  };
};
