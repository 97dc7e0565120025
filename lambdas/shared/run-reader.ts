import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { runRecord } from './run-record';

const runState = runRecord.pick({ status: true, outcome: true, endedAt: true });
/** How far a run has come, without what it works with. */
export type RunState = z.infer<typeof runState>;

export type FindRun = (runId: string) => Promise<RunState | undefined>;

export const makeFindRun =
  (deps: { client: Pick<DynamoDBDocumentClient, 'send'>; table: string }): FindRun =>
  async (runId) => {
    const { Item } = await deps.client.send(
      new GetCommand({
        TableName: deps.table,
        Key: { runId },
        ProjectionExpression: '#status, #outcome, #endedAt',
        ExpressionAttributeNames: { '#status': 'status', '#outcome': 'outcome', '#endedAt': 'endedAt' },
      }),
    );
    return Item && runState.parse(Item);
  };
