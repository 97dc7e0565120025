import { newNonce } from '../shared/approval-link';
import type { ApprovalView } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import type { Change } from '../shared/change';
import { sha256Hex } from '../shared/digest';
import { logger } from '../shared/logger';
import type { PublishMail } from '../shared/publish-mail';
import { approvalMail, digestMail, type Occasion, type Question } from './approval-mail';
import type { Mailboxes } from './mailbox';
import type { Approver } from './reach';

export interface AskDeps {
  readonly approvals: Pick<ApprovalStore, 'addLink' | 'markMailed'>;
  readonly mailboxes: Pick<Mailboxes, 'admit'>;
  readonly sendMail: PublishMail;
  /** Where people reach the pages, without a slash at its end. */
  readonly publicUrl: string;
  /** People are known by their sign-in: a link leads to the page, and carries no secret. */
  readonly signIn: boolean;
  readonly now: () => Date;
}

/**
 * Asks people. Of personal links only hashes are kept, so every mail brings a new one; the ones before it, should they
 * have arrived after all, stay good.
 */
export const makeAsk = (deps: AskDeps) => {
  /** `undefined`: nothing waits for an answer any more. */
  const question = async (
    approval: ApprovalView,
    change: Change,
    approver: Approver,
  ): Promise<Question | undefined> => {
    const page = `${deps.publicUrl}/approvals/${approval.approvalId}`;
    if (deps.signIn) return { change, approval, link: page, isPersonal: false };
    const nonce = newNonce();
    const link = { approver: approver.id, nonceHash: sha256Hex(nonce) };
    if (!(await deps.approvals.addLink(approval.approvalId, link))) return undefined;
    return { change, approval, link: `${page}?key=${nonce}`, isPersonal: true };
  };

  const one = async (approval: ApprovalView, change: Change, approver: Approver, occasion: Occasion) => {
    const { approvalId } = approval;
    if (await deps.mailboxes.admit(approver.id, approvalId, deps.now())) {
      const asked = await question(approval, change, approver);
      if (!asked) return;
      await deps.sendMail(approvalMail(asked, { occasion, topicArn: approver.topicArn, now: deps.now() }));
    }
    if (occasion !== 'reminded') await deps.approvals.markMailed(approvalId, approver.id);
  };

  return {
    /** Mails each of them, or leaves it to their next digest. Returns those for whom that failed. */
    each: async (
      approval: ApprovalView,
      change: Change,
      approvers: readonly Approver[],
      occasion: Occasion,
    ): Promise<string[]> => {
      const failed: string[] = [];
      for (const approver of approvers) {
        try {
          await one(approval, change, approver, occasion);
        } catch (error) {
          failed.push(approver.id);
          logger.error('an approver could not be asked', {
            approver: approver.id,
            code: (error as Error).name,
          });
        }
      }
      return failed;
    },
    /** One mail about several approvals; `false`: none of them needed it any more. */
    together: async (
      approver: Approver,
      asked: readonly { approval: ApprovalView; change: Change }[],
      others: number,
    ): Promise<boolean> => {
      const questions: Question[] = [];
      for (const { approval, change } of asked) {
        const about = await question(approval, change, approver);
        if (about) questions.push(about);
      }
      if (questions.length === 0) return false;
      await deps.sendMail(digestMail(questions, { others, topicArn: approver.topicArn, now: deps.now() }));
      return true;
    },
  };
};
export type Ask = ReturnType<typeof makeAsk>;
