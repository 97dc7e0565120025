import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { z } from 'zod';
import { approvalRecord } from './approval-record';
import type { Decision } from './contract';

export const approvalView = approvalRecord.omit({ taskToken: true });
/** An approval as everything but the outbox sees it: without the task token. */
export type ApprovalView = z.infer<typeof approvalView>;

export type FindApproval = (approvalId: string) => Promise<ApprovalView | undefined>;

const attributes = Object.keys(approvalView.shape);

/** Reads by projection, so that the task token never enters the calling function. */
export const viewProjection = {
  ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
};

export const makeFindApproval =
  (deps: { client: Pick<DynamoDBDocumentClient, 'send'>; table: string }): FindApproval =>
  async (approvalId) => {
    const { Item } = await deps.client.send(
      new GetCommand({
        TableName: deps.table,
        Key: { approvalId },
        ConsistentRead: true,
        ...viewProjection,
      }),
    );
    return Item && approvalView.parse(Item);
  };

/** The decision that stands, or `undefined` while there is none. */
export const decisionOf = (approval: ApprovalView): Decision | undefined =>
  approval.status === 'pending'
    ? undefined
    : {
        outcome: approval.status,
        decidedAt: approval.decidedAt ?? approval.expiresAt,
        answers: approval.votes.map(({ seats: _, ...answer }) => answer),
      };
