import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ChangeRef, Decision } from './contract';
import { NotApprovedError } from './errors';

const decided = z.object({
  status: z.enum(['pending', 'approved', 'rejected', 'expired', 'voided']),
  digest: z.string(),
  expiresAt: z.string(),
  decidedBy: z.string().optional(),
  decidedAt: z.string().optional(),
  comment: z.string().optional(),
});
type Decided = z.infer<typeof decided>;

/** Reads what was decided on a change, and never the task token. */
export type ReadDecision = (changeId: string) => Promise<Decided | undefined>;

export const makeReadDecision =
  (deps: { client: Pick<DynamoDBDocumentClient, 'send'>; approvalsTable: string }): ReadDecision =>
  async (changeId) => {
    const { Item } = await deps.client.send(
      new GetCommand({
        TableName: deps.approvalsTable,
        Key: { approvalId: changeId },
        ConsistentRead: true,
        ProjectionExpression: '#status, #change.digest, expiresAt, decidedBy, decidedAt, #comment',
        ExpressionAttributeNames: { '#status': 'status', '#change': 'change', '#comment': 'comment' },
      }),
    );
    return Item && decided.parse({ ...Item, digest: Item.change?.digest });
  };

/**
 * The approval of exactly this change.
 *
 * @throws NotApprovedError when there is none: unknown, pending, rejected, expired, voided, or of another digest.
 */
export const requireApproval = (change: ChangeRef, found: Decided | undefined): Decision => {
  const refuse = (why: string) =>
    new NotApprovedError(
      `Change ${change.id} is not carried out: ${why}. Start a new run and have its change approved.`,
    );
  if (!found) throw refuse('nobody was asked to approve it');
  if (found.digest !== change.digest) throw refuse('the approval is for other content under the same id');
  if (found.status !== 'approved' || !found.decidedBy || !found.decidedAt)
    throw refuse(`its approval is ${found.status}`);
  if (found.decidedAt > found.expiresAt) throw refuse('it was approved after its approval had expired');
  return {
    outcome: 'approved',
    decidedBy: found.decidedBy,
    decidedAt: found.decidedAt,
    comment: found.comment ?? null,
  };
};
