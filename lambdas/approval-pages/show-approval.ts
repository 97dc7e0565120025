import type { Person } from '../approval-rules/people';
import { holderOf } from '../shared/approval-link';
import type { FindApproval } from '../shared/approval-reader';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import { approvalIdPattern } from '../shared/names';
import { endedPage, pendingPage } from './approval-page';
import { choiceOf } from './choice-of';
import { cookieIn, formToken, newCookieValue, setCookie } from './form-token';
import type { LoadChange } from './load-change';
import { errorPage, messagePage, wrongLinkPage } from './page';

/** Ports that read. There is none that writes: a GET cannot decide. */
export interface ShowApprovalDeps {
  readonly findApproval: FindApproval;
  readonly loadChange: LoadChange;
  /** Who answers now, and with which groups. */
  readonly findPerson: (id: string) => Person | undefined;
  readonly signingSecret: () => Promise<string>;
  readonly now: () => Date;
}

/** Whether the browser came over TLS; only then may a cookie be Secure. */
const isSecure = (request: HttpRequest): boolean => request.headers['x-forwarded-proto'] === 'https';

/** Shows one approval to the holder of a personal link. */
export const makeShowApproval =
  (deps: ShowApprovalDeps) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return messagePage(405, 'This page can only be opened', ['Nothing was decided.'], {
        Allow: 'GET, HEAD, POST',
      });
    const key = request.query.key ?? '';
    try {
      const approval = approvalIdPattern.test(request.pathId)
        ? await deps.findApproval(request.pathId)
        : undefined;
      const holder = holderOf(approval, key);
      if (!approval || !holder) return wrongLinkPage();
      const now = deps.now();
      if (approval.status !== 'pending' || approval.expiresAt <= now.toISOString()) {
        const whole = await deps.loadChange(approval.change).catch(() => undefined);
        return endedPage(approval, whole, now, { approver: holder.approver, key });
      }
      const [whole, secret] = await Promise.all([deps.loadChange(approval.change), deps.signingSecret()]);
      const known = cookieIn(request.headers.cookie, approval.approvalId);
      const cookie = known ?? newCookieValue();
      const token = formToken(secret, {
        approvalId: approval.approvalId,
        nonceHash: holder.nonceHash,
        cookie,
      });
      return pendingPage(
        approval,
        whole,
        now,
        key,
        choiceOf(
          approval,
          deps.findPerson(holder.approver) ?? { id: holder.approver, groups: [] },
          now,
          token,
        ),
        known ? {} : { 'Set-Cookie': setCookie(approval.approvalId, cookie, isSecure(request)) },
      );
    } catch (error) {
      logger.error('an approval could not be shown', {
        code: error instanceof Error ? error.name : 'unknown',
      });
      return errorPage();
    }
  };
