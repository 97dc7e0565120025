import { type Mailboxes, ownerOf } from '../approval-mail/mailbox';
import { type ApprovalStore, claimMs } from '../shared/approval-store';
import type { StepContext } from '../shared/define-step';
import { logger } from '../shared/logger';
import type { TendApprovalsInput, TendApprovalsOutput } from './contract';
import type { makeSendDigest } from './send-digest';
import type { makeTendApproval } from './tend-approval';

interface Deps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'listDue' | 'claim'>;
  readonly mailboxes: Pick<Mailboxes, 'get'>;
  readonly tendApproval: ReturnType<typeof makeTendApproval>;
  readonly sendDigest: ReturnType<typeof makeSendDigest>;
  readonly now: () => Date;
}

/** What one sweep takes on at once; it goes on as long as it has time. */
const batch = 100;
/** One approval with all its mails takes less than this. */
const reserveMs = 10_000;

/**
 * Does what is due: reminders, escalations, expiry, digests, the news that somebody broke the glass. Each is claimed
 * by a conditional write before anything is sent, so that two sweeps never send the same; a claim that a crash left
 * runs out, and the next sweep does what is left.
 */
export const makeTendApprovals = (deps: Deps) => {
  const tend = async (id: string): Promise<boolean> => {
    const now = deps.now();
    const owner = ownerOf(id);
    const approval = owner === undefined ? await deps.approvals.find(id) : undefined;
    const dueAt = owner === undefined ? approval?.dueAt : (await deps.mailboxes.get(owner)).dueAt;
    if (dueAt === undefined || dueAt > now.toISOString()) return false;
    const until = new Date(now.getTime() + claimMs);
    if (!(await deps.approvals.claim(id, dueAt, until))) return false;
    if (owner !== undefined) await deps.sendDigest(owner);
    else if (approval) await deps.tendApproval(approval, until.toISOString());
    return true;
  };

  return async (
    input: TendApprovalsInput,
    { remainingTimeMs }: StepContext,
  ): Promise<TendApprovalsOutput> => {
    const result: TendApprovalsOutput = { tended: [], failed: [] };
    const seen = new Set<string>();
    const list = async (): Promise<string[]> =>
      'approvalId' in input ? [input.approvalId] : deps.approvals.listDue(deps.now(), batch);
    for (let ids = await list(); ids.some((id) => !seen.has(id)); ids = await list())
      for (const id of ids.filter((one) => !seen.has(one))) {
        if (remainingTimeMs() < reserveMs) return result;
        seen.add(id);
        try {
          if (await tend(id)) result.tended.push(id);
        } catch (error) {
          logger.error('what is due about an approval could not be done; a later sweep tries again', {
            id,
            code: error instanceof Error ? error.name : 'unknown',
          });
          result.failed.push(id);
        }
      }
    return result;
  };
};
