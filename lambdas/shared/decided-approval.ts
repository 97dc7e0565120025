import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { demands } from '../approval-rules/demands';
import { starter, vote } from '../approval-rules/people';
import { standingOf } from '../approval-rules/tally';
import type { Change } from './change';
import type { ChangeRef, Decision } from './contract';
import { ApprovalExpiredError, ContentSwappedError, NotAllowedToAskError, NotApprovedError } from './errors';

const decided = z.object({
  status: z.enum(['pending', 'approved', 'rejected', 'expired', 'voided']),
  digest: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().optional(),
  demands,
  starter,
  /** Why whoever asked may not: known only after people were asked. */
  askRefusal: z.string().optional(),
  votes: z.array(vote),
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
        ProjectionExpression:
          '#status, #change.digest, expiresAt, decidedAt, demands, starter, askRefusal, votes',
        ExpressionAttributeNames: { '#status': 'status', '#change': 'change' },
      }),
    );
    return Item && decided.parse({ ...Item, digest: Item.change?.digest });
  };

const expired = (changeId: string, why: string): ApprovalExpiredError =>
  new ApprovalExpiredError(
    `Change ${changeId} is not carried out: its approval expired; ${why}. Start a new run and have its change approved.`,
  );

/** Who approves in the last second still has this long until the change begins. */
const graceMs = 3_600_000;

/**
 * Refuses to begin what was approved long ago: the world that it was approved for is another one.
 *
 * @throws ApprovalExpiredError
 */
export const requireTimely = (change: Pick<Change, 'id' | 'expiresAt'>, now: Date): void => {
  if (now.getTime() > Date.parse(change.expiresAt) + graceMs)
    throw expired(change.id, `it could be begun until an hour after ${change.expiresAt}`);
};

/**
 * The approval of exactly this change.
 *
 * @throws NotApprovedError when there is none: unknown, pending, rejected or voided
 * @throws NotAllowedToAskError when whoever started the run may not ask for it
 * @throws ApprovalExpiredError when it expired before anybody answered, or the answer came too late
 * @throws ContentSwappedError when other content was approved under the same id
 */
export const requireApproval = (change: ChangeRef, found: Decided | undefined): Decision => {
  const refuse = (why: string) =>
    new NotApprovedError(
      `Change ${change.id} is not carried out: ${why}. Start a new run and have its change approved.`,
    );
  if (!found) throw refuse('nobody was asked to approve it');
  if (found.digest !== change.digest)
    throw new ContentSwappedError(
      `Change ${change.id} is not carried out: the approval is for other content under the same id. Find out who put it there, then start a new run.`,
    );
  if (found.askRefusal !== undefined) throw new NotAllowedToAskError(found.askRefusal);
  if (found.status === 'expired') throw expired(change.id, 'nobody answered in time');
  if (found.status !== 'approved' || !found.decidedAt) throw refuse(`its approval is ${found.status}`);
  if (found.decidedAt > found.expiresAt) throw expired(change.id, 'it was approved after the time for it');
  // Not what the table says came of the answers: what comes of them by the rules that it was asked under.
  if (standingOf(found).outcome !== 'approved') throw refuse('the answers that were given do not approve it');
  return {
    outcome: 'approved',
    decidedAt: found.decidedAt,
    answers: found.votes.map(({ seats: _, ...answer }) => answer),
  };
};
