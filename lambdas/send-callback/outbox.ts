import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type ApprovalRecord, approvalRecord } from '../shared/approval-record';
import { unlessRefused } from '../shared/conditional-write';

/** Decisions that Step Functions has not been told yet, with the tokens to do so. */
export interface Outbox {
  /** Oldest first. */
  pending(limit: number): Promise<string[]>;
  get(approvalId: string): Promise<ApprovalRecord | undefined>;
  /** Takes one off the list, unless a retried task waits with another token by now. */
  clear(approval: Pick<ApprovalRecord, 'approvalId' | 'taskToken'>): Promise<void>;
}

export const makeOutbox = ({
  client,
  table,
}: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
}): Outbox => ({
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
    return (Items ?? []).map((item) => String(item.approvalId));
  },
  get: async (approvalId) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { approvalId }, ConsistentRead: true }),
    );
    return Item && approvalRecord.parse(Item);
  },
  clear: async ({ approvalId, taskToken }) => {
    await unlessRefused(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { approvalId },
          UpdateExpression: 'REMOVE callbackPending',
          ConditionExpression: 'callbackPending = :one AND taskToken = :token',
          ExpressionAttributeValues: { ':one': '1', ':token': taskToken },
        }),
      ),
    );
  },
});
