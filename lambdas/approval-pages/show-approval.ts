import type { SigningKeys } from '../credential-client/credential-client';
import type { Identify } from '../identity/visitor';
import type { FindApproval } from '../shared/approval-reader';
import type { FindDelegations } from '../shared/delegation-store';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { approvalIdPattern } from '../shared/names';
import type { FindRun } from '../shared/run-reader';
import { endedPage, pendingPage } from './approval-page';
import { choiceOf } from './choice-of';
import { failedPage } from './failed-page';
import { formToken } from './form-token';
import type { LoadChange } from './load-change';
import { messagePage, wrongLinkPage } from './page';

/** Ports that read. There is none that writes: a GET cannot decide. */
export interface ShowApprovalDeps {
  readonly findApproval: FindApproval;
  readonly loadChange: LoadChange;
  readonly findRun: FindRun;
  readonly findDelegations: FindDelegations;
  readonly identify: Identify;
  readonly signingKeys: Pick<SigningKeys, 'current'>;
  readonly now: () => Date;
}

/** Shows one approval to somebody who is known. */
export const makeShowApproval =
  (deps: ShowApprovalDeps) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return messagePage(405, 'This page can only be opened', ['Nothing was decided.'], {
        Allow: 'GET, HEAD, POST',
      });
    try {
      const approval = approvalIdPattern.test(request.pathId)
        ? await deps.findApproval(request.pathId)
        : undefined;
      const who = await deps.identify(request, {
        approval,
        to: `approvals/${request.pathId}`,
        key: request.query.key,
      });
      if ('turnedAway' in who) return who.turnedAway;
      if (!approval) return wrongLinkPage();
      const { visitor } = who;
      const now = deps.now();
      if (approval.status !== 'pending' || approval.expiresAt <= now.toISOString()) {
        const [whole, run] = await Promise.all([
          deps.loadChange(approval.change).catch(() => undefined),
          deps.findRun(approval.runId).catch(() => undefined),
        ]);
        return endedPage(approval, whole, now, visitor, { run });
      }
      const [whole, key, delegations] = await Promise.all([
        deps.loadChange(approval.change),
        deps.signingKeys.current(),
        deps.findDelegations(),
      ]);
      const token = formToken(key, approval.approvalId, visitor.binding);
      return pendingPage(
        approval,
        whole,
        now,
        visitor,
        choiceOf(approval, visitor.person, delegations, now, token),
      );
    } catch (error) {
      return failedPage('an approval could not be shown', error);
    }
  };
