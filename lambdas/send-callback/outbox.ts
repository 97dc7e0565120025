import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { type ApprovalRecord, approvalRecord } from '../shared/approval-record';
import { unlessRefused } from '../shared/conditional-write';
import { type Ticket, ticket, ticketKey } from '../shared/lease-record';

/** Answers that Step Functions has not been told yet, with the tokens to do so. */
export interface Outbox<Entry> {
  /** Oldest first. */
  pending(limit: number): Promise<string[]>;
  get(id: string): Promise<Entry | undefined>;
  /** Counts one more try with this token, before it is made. */
  countTry(id: string, taskToken: string): Promise<void>;
  /** Takes one off the list, unless a retried task waits with another token by now. */
  clear(id: string, taskToken: string): Promise<void>;
}

interface Table {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
}

/** How entries lie in their table: the partition key's name, and what stands before an id in it. */
interface Layout<Entry> {
  readonly key: string;
  readonly prefix: string;
  readonly entry: z.ZodType<Entry>;
}

const makeOutbox = <Entry>(
  { client, table }: Table,
  { key, prefix, entry }: Layout<Entry>,
): Outbox<Entry> => ({
  pending: async (limit) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'callback-pending',
        KeyConditionExpression: 'callbackPending = :one',
        ExpressionAttributeValues: { ':one': '1' },
        Limit: limit,
      }),
    );
    return (Items ?? []).map((item) => String(item[key]).slice(prefix.length));
  },
  get: async (id) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { [key]: `${prefix}${id}` }, ConsistentRead: true }),
    );
    return Item && entry.parse(Item);
  },
  countTry: async (id, taskToken) => {
    await unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { [key]: `${prefix}${id}` },
          UpdateExpression: 'ADD callbackTries :once',
          ConditionExpression: 'callbackPending = :one AND taskToken = :token',
          ExpressionAttributeValues: { ':once': 1, ':one': '1', ':token': taskToken },
        }),
      ),
    );
  },
  clear: async (id, taskToken) => {
    await unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { [key]: `${prefix}${id}` },
          UpdateExpression: 'REMOVE callbackPending',
          ConditionExpression: 'callbackPending = :one AND taskToken = :token',
          ExpressionAttributeValues: { ':one': '1', ':token': taskToken },
        }),
      ),
    );
  },
});

/** Decisions, by their approval. */
export const makeApprovalOutbox = (approvals: Table): Outbox<ApprovalRecord> =>
  makeOutbox(approvals, { key: 'approvalId', prefix: '', entry: approvalRecord });

/** Workspaces that were handed to runs which waited for them, by the run. */
export const makeTicketOutbox = (leases: Table): Outbox<Ticket> =>
  makeOutbox(leases, { key: 'workspace', prefix: ticketKey(''), entry: ticket });
