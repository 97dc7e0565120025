import { endedPage, pendingPage } from '../approval-pages/approval-page';
import { cookieIn, formToken, sameToken } from '../approval-pages/form-token';
import type { LoadChange } from '../approval-pages/load-change';
import { errorPage, messagePage, securityHeaders, wrongLinkPage } from '../approval-pages/page';
import { holderOf, type LinkHolder } from '../shared/approval-link';
import type { ApprovalView } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import { decisionEvent } from '../shared/decision-event';
import type { HttpRequest, HttpResponse } from '../shared/http';
import type { Ledger } from '../shared/ledger';
import { logger } from '../shared/logger';
import { approvalIdPattern } from '../shared/names';
import { plainText } from '../shared/plain-text';
import type { WakeCallback } from '../shared/wake-callback';
import { type DecisionForm, readDecisionForm } from './decision-form';

export interface DecideApprovalDeps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'decide'>;
  readonly loadChange: LoadChange;
  readonly ledger: Ledger;
  /** Who may decide now, whoever was mailed then. */
  readonly approverIds: ReadonlySet<string>;
  readonly signingSecret: () => Promise<string>;
  readonly wakeCallback: WakeCallback;
  readonly now: () => Date;
}

const statusOf = { approve: 'approved', reject: 'rejected' } as const;

/**
 * What a browser says about where the form came from. With `Referrer-Policy: no-referrer` it sends `Origin: null`
 * for our own form too, so that value alone says nothing; Sec-Fetch-Site and the form token do.
 */
const isForeign = ({ headers }: HttpRequest): boolean => {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return true;
  const origin = headers.origin;
  if (origin === undefined || origin === 'null') return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.host;
};

const seeOther = (approvalId: string, key: string): HttpResponse => ({
  status: 303,
  headers: { ...securityHeaders, Location: `${approvalId}?key=${key}` },
  body: '',
});

/**
 * Takes one decision on one approval. The conditional write is the decision; the ledger entry and the callback
 * follow from it, and send-callback's sweep repairs whichever a crash left out.
 */
export const makeDecideApproval = (deps: DecideApprovalDeps) => {
  /** The answer to somebody who comes when nothing can be decided any more. */
  const tooLate = async (
    approval: ApprovalView,
    holder: LinkHolder,
    form: DecisionForm,
  ): Promise<HttpResponse> => {
    if (approval.status === statusOf[form.decision] && approval.decidedBy === holder.approver)
      return seeOther(approval.approvalId, form.key);
    const whole = await deps.loadChange(approval.change).catch(() => undefined);
    const isExpired = approval.status === 'expired' || approval.status === 'pending';
    return endedPage(
      approval,
      whole,
      deps.now(),
      { approver: holder.approver, key: form.key },
      isExpired ? 410 : 409,
    );
  };

  const follow = async (approvalId: string): Promise<void> => {
    try {
      const approval = await deps.approvals.find(approvalId);
      const event = approval && decisionEvent(approval);
      if (event) await deps.ledger.append(event);
    } catch (error) {
      logger.error('a decision is recorded but not in the ledger yet', {
        approvalId,
        code: (error as Error).name,
      });
    }
    await deps.wakeCallback({ approvalId });
  };

  const decide = async (request: HttpRequest, form: DecisionForm): Promise<HttpResponse> => {
    const approval = approvalIdPattern.test(request.pathId)
      ? await deps.approvals.find(request.pathId)
      : undefined;
    const holder = holderOf(approval, form.key);
    if (!approval || !holder) return wrongLinkPage();
    const { approvalId } = approval;

    const cookie = cookieIn(request.headers.cookie, approvalId);
    const expected = formToken(await deps.signingSecret(), {
      approvalId,
      nonceHash: holder.nonceHash,
      cookie: cookie ?? '',
    });
    if (isForeign(request) || cookie === undefined || !sameToken(form.csrf, expected))
      return messagePage(403, 'This form is no longer valid', [
        'Nothing was decided. The page may have been opened again in another tab, or the browser keeps no cookies.',
        'Open the link from your mail once more and answer there.',
      ]);

    if (!deps.approverIds.has(holder.approver))
      return messagePage(403, 'You are not an approver any more', [
        'Nothing was decided: this link was mailed to you when you were. Somebody else has to answer.',
      ]);

    const now = deps.now();
    if (approval.status !== 'pending' || approval.expiresAt <= now.toISOString())
      return tooLate(approval, holder, form);

    // What cannot be read and verified cannot be decided on.
    const whole = await deps.loadChange(approval.change);
    if (form.confirmation.trim() !== approval.workspace)
      return pendingPage(
        approval,
        whole,
        now,
        { key: form.key, token: form.csrf },
        {},
        { comment: form.comment, problem: `Type ${approval.workspace} exactly, then choose again.` },
      );

    const landed = await deps.approvals.decide(approvalId, {
      status: statusOf[form.decision],
      decidedBy: holder.approver,
      decidedAt: deps.now().toISOString(),
      comment: form.comment === '' ? null : plainText(form.comment, 1000),
    });
    if (landed) {
      await follow(approvalId);
      return seeOther(approvalId, form.key);
    }
    const standing = await deps.approvals.find(approvalId);
    return standing ? tooLate(standing, holder, form) : wrongLinkPage();
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== 'POST')
      return messagePage(
        405,
        'Nothing was decided',
        ['Decisions are sent by the form of the approval page.'],
        {
          Allow: 'GET, HEAD, POST',
        },
      );
    const read = readDecisionForm(request);
    if ('refused' in read)
      return messagePage(read.refused, 'Nothing was decided', [
        read.why,
        'Open the link from your mail again and use its form.',
      ]);
    try {
      return await decide(request, read.form);
    } catch (error) {
      logger.error('a decision could not be taken', {
        code: error instanceof Error ? error.name : 'unknown',
      });
      return errorPage();
    }
  };
};
