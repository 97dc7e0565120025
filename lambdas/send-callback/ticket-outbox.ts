import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unlessRefused } from '../shared/conditional-write';
import { type Ticket, ticket, ticketKey } from '../shared/lease-record';

/** Grants that Step Functions has not been told yet, with the tokens to do so. */
export interface TicketOutbox {
  /** Oldest first. */
  pending(limit: number): Promise<string[]>;
  get(runId: string): Promise<Ticket | undefined>;
  /** Takes one off the list, unless a retried task waits with another token by now. */
  clear(ticket: Pick<Ticket, 'runId' | 'taskToken'>): Promise<void>;
}

export const makeTicketOutbox = ({
  client,
  table,
}: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
}): TicketOutbox => ({
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
    return (Items ?? []).map(({ workspace }) => String(workspace).slice(ticketKey('').length));
  },
  get: async (runId) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { workspace: ticketKey(runId) }, ConsistentRead: true }),
    );
    return Item && ticket.parse(Item);
  },
  clear: async ({ runId, taskToken }) => {
    await unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { workspace: ticketKey(runId) },
          UpdateExpression: 'REMOVE callbackPending',
          ConditionExpression: 'callbackPending = :one AND taskToken = :token',
          ExpressionAttributeValues: { ':one': '1', ':token': taskToken },
        }),
      ),
    );
  },
});
