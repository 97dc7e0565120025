import { decisionOf } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import type { Decision } from '../shared/contract';
import { answerEvents, endEvent } from '../shared/decision-event';
import { ContentSwappedError } from '../shared/errors';
import type { Ledger } from '../shared/ledger';
import type { CloseApprovalInput } from './contract';

interface Deps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'close'>;
  readonly ledger: Ledger;
  readonly now: () => Date;
}

/** Ends a pending approval. The answer that stands is returned: a person's, if it was recorded first. */
export const makeCloseApproval =
  (deps: Deps) =>
  async ({ change, as }: CloseApprovalInput): Promise<Decision> => {
    const at = deps.now().toISOString();
    await deps.approvals.close(change.id, as, at);
    const approval = await deps.approvals.find(change.id);
    const standing = approval && decisionOf(approval);
    if (!approval || !standing) return { outcome: 'voided', decidedAt: at, answers: [] };
    if (approval.change.digest !== change.digest)
      throw new ContentSwappedError(`Change ${change.id} was asked about with other content.`);
    const end = endEvent(approval);
    for (const event of [...answerEvents(approval), ...(end ? [end] : [])]) await deps.ledger.append(event);
    return standing;
  };
