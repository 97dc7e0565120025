import type { Ask } from '../approval-mail/ask';
import type { Mailboxes } from '../approval-mail/mailbox';
import type { Approver } from '../approval-mail/reach';
import { whomToAsk } from '../approval-rules/whom-to-ask';
import type { ApprovalView } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import type { Change } from '../shared/change';
import type { ChangeStore } from '../shared/change-store';
import { StepError } from '../shared/errors';
import { logger } from '../shared/logger';

export interface SendDigestDeps {
  readonly approvals: Pick<ApprovalStore, 'find'>;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly ask: Pick<Ask, 'together'>;
  readonly mailboxes: Pick<Mailboxes, 'get' | 'empty'>;
  readonly approvers: readonly Approver[];
  readonly now: () => Date;
}

/** Approvals in one mail; a person reads no more, and SNS takes 256 KB. */
const mostInOne = 25;

/** Sends one person what waits in their mailbox, as far as their answer is still wanted. */
export const makeSendDigest =
  (deps: SendDigestDeps) =>
  async (person: string): Promise<void> => {
    const { waiting } = await deps.mailboxes.get(person);
    const approver = deps.approvers.find(({ id }) => id === person);
    const now = deps.now();
    const asked: { approval: ApprovalView; change: Change }[] = [];
    const done: string[] = [];
    for (const id of approver ? waiting : []) {
      if (asked.length === mostInOne) break;
      done.push(id);
      const approval = await deps.approvals.find(id);
      if (approval?.status !== 'pending' || approval.expiresAt <= now.toISOString()) continue;
      const wanted = whomToAsk(approval, deps.approvers, approval.demands.escalations.length);
      if (!wanted.some((one) => one.id === person)) continue;
      try {
        asked.push({ approval, change: await deps.changes.get(approval.change) });
      } catch (error) {
        // What cannot be read for good would keep the others waiting.
        if (!(error instanceof StepError)) throw error;
        logger.error('a change is left out of a digest', { id, code: error.name });
      }
    }
    const sent = approver ? await deps.ask.together(approver, asked, waiting.length - done.length) : false;
    await deps.mailboxes.empty(person, approver ? done : waiting, sent, now);
  };
