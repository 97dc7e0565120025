import { endedPage, pendingPage } from '../approval-pages/approval-page';
import { choiceOf } from '../approval-pages/choice-of';
import { failedPage } from '../approval-pages/failed-page';
import { formToken, isFormToken } from '../approval-pages/form-token';
import type { LoadChange } from '../approval-pages/load-change';
import { messagePage, wrongLinkPage } from '../approval-pages/page';
import { seatsOf, type Vote } from '../approval-rules/people';
import { refuseToDecide } from '../approval-rules/permission';
import { standingOf } from '../approval-rules/tally';
import type { SigningKeys } from '../credential-client/credential-client';
import { addressFor, type Identify, type Visitor } from '../identity/visitor';
import type { ApprovalView } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import { answerEvents, endEvent, refusedEvent } from '../shared/decision-event';
import type { FindDelegations } from '../shared/delegation-store';
import { isForeign } from '../shared/foreign-request';
import type { HttpRequest, HttpResponse } from '../shared/http';
import type { Ledger } from '../shared/ledger';
import { logger } from '../shared/logger';
import { approvalIdPattern } from '../shared/names';
import { plainText } from '../shared/plain-text';
import type { WakeCallback, WakeTending } from '../shared/wake-callback';
import { type DecisionForm, readDecisionForm } from './decision-form';

export interface DecideApprovalDeps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'addVote'>;
  readonly loadChange: LoadChange;
  readonly ledger: Ledger;
  readonly identify: Identify;
  readonly findDelegations: FindDelegations;
  readonly signingKeys: SigningKeys;
  readonly wakeCallback: WakeCallback;
  /** Tells operations that the glass was broken; the sweep covers for it. */
  readonly wakeTending: WakeTending;
  readonly now: () => Date;
}

/** Each attempt that fails means that somebody else answered. */
const mostAttempts = 40;

const statusOf = { approve: 'approved', reject: 'rejected' } as const;

const seeOther = (approvalId: string, visitor: Visitor): HttpResponse => ({
  status: 303,
  headers: { ...visitor.headers, Location: addressFor(visitor, approvalId) },
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
    visitor: Visitor,
    form: DecisionForm,
  ): Promise<HttpResponse> => {
    const own = approval.votes.find(({ person }) => person === visitor.person.id);
    if (own?.outcome === statusOf[form.decision] && approval.status === own.outcome)
      return seeOther(approval.approvalId, visitor);
    const whole = await deps.loadChange(approval.change).catch(() => undefined);
    const isExpired = approval.status === 'expired' || approval.status === 'pending';
    return endedPage(approval, whole, deps.now(), visitor, { status: isExpired ? 410 : 409 });
  };

  const follow = async (approvalId: string): Promise<void> => {
    try {
      const approval = await deps.approvals.find(approvalId);
      const event = approval && endEvent(approval);
      for (const one of [...(approval ? answerEvents(approval) : []), ...(event ? [event] : [])])
        await deps.ledger.append(one);
      if (approval?.votes.some(({ breaksGlass }) => breaksGlass)) await deps.wakeTending({ approvalId });
      if (!event) return;
    } catch (error) {
      logger.error('a decision is recorded but not in the ledger yet', {
        approvalId,
        code: (error as Error).name,
      });
    }
    await deps.wakeCallback({ approvalId });
  };

  /** Puts on the record that somebody may not. Nothing was decided either way: a ledger that is away changes no answer. */
  const recordRefusal = async (
    approval: ApprovalView,
    person: string,
    form: DecisionForm,
    because: string,
  ): Promise<void> => {
    try {
      const refused = { person, because, outcome: statusOf[form.decision], at: deps.now().toISOString() };
      await deps.ledger.append(refusedEvent(approval, refused, await deps.signingKeys.current()));
    } catch (error) {
      const { approvalId } = approval;
      logger.error('a refusal is not in the ledger', { approvalId, code: (error as Error).name });
    }
  };

  /** Adds the answer to those that stand, again while others answer at the same moment. */
  const answer = async (approvalId: string, visitor: Visitor, form: DecisionForm): Promise<HttpResponse> => {
    const { person } = visitor;
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const approval = await deps.approvals.find(approvalId);
      if (!approval) return wrongLinkPage();
      const now = deps.now();
      if (approval.status !== 'pending' || approval.expiresAt <= now.toISOString())
        return tooLate(approval, visitor, form);
      const { demands, starter, votes } = approval;
      const outcome = statusOf[form.decision];
      if (votes.some((own) => own.person === person.id && own.outcome === outcome))
        return seeOther(approvalId, visitor);
      const delegations = await deps.findDelegations();
      const situation = { demands, starter, votes, delegations, now };
      const isEmergency = form.emergency === 'yes' && form.decision === 'approve';
      const refusal = refuseToDecide(situation, person, {
        outcome,
        ...(isEmergency && { emergency: form.comment }),
      });
      if (refusal) {
        // Who answered already is on the record with that.
        if (refusal.code !== 'voted') await recordRefusal(approval, person.id, form, refusal.code);
        return messagePage(403, 'You cannot decide on this change', [
          'Nothing was decided.',
          refusal.sentence,
        ]);
      }
      const vote: Vote = {
        person: person.id,
        outcome,
        at: now.toISOString(),
        comment: form.comment === '' ? null : plainText(form.comment, 1000),
        breaksGlass: isEmergency,
        seats: seatsOf(person, delegations, starter, now),
      };
      const { outcome: end } = standingOf({ demands, starter, votes: [...votes, vote] });
      if (await deps.approvals.addVote(approvalId, vote, votes.length, end === 'pending' ? undefined : end)) {
        await follow(approvalId);
        return seeOther(approvalId, visitor);
      }
    }
    throw new Error('others answered again and again at the same moment');
  };

  const decide = async (request: HttpRequest, form: DecisionForm): Promise<HttpResponse> => {
    const approval = approvalIdPattern.test(request.pathId)
      ? await deps.approvals.find(request.pathId)
      : undefined;
    const who = await deps.identify(request, {
      approval,
      to: `approvals/${request.pathId}`,
      key: form.key,
      comment: form.comment,
    });
    if ('turnedAway' in who) return who.turnedAway;
    if (!approval) return wrongLinkPage();
    const { visitor } = who;
    const { approvalId } = approval;

    if (isForeign(request) || !(await isFormToken(deps.signingKeys, form.csrf, approvalId, visitor.binding)))
      return messagePage(403, 'This form is no longer valid', [
        'Nothing was decided. The page may have been opened again in another tab, or the browser keeps no cookies.',
        'Open the link from your mail once more and answer there.',
      ]);

    if (visitor.person.groups.length === 0) {
      await recordRefusal(approval, visitor.person.id, form, 'no-group');
      return messagePage(403, 'You are not an approver any more', [
        'Nothing was decided: this link was mailed to you when you were. Somebody else has to answer.',
      ]);
    }

    const now = deps.now();
    if (approval.status !== 'pending' || approval.expiresAt <= now.toISOString())
      return tooLate(approval, visitor, form);

    // What cannot be read and verified cannot be decided on.
    const whole = await deps.loadChange(approval.change);
    if (form.confirmation.trim() !== approval.workspace) {
      const token = formToken(await deps.signingKeys.current(), approvalId, visitor.binding);
      return pendingPage(
        approval,
        whole,
        now,
        visitor,
        choiceOf(approval, visitor.person, await deps.findDelegations(), now, token),
        {
          comment: form.comment,
          problem: `Type ${approval.workspace} exactly, then choose again.`,
        },
      );
    }

    return answer(approvalId, visitor, form);
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
      return failedPage('a decision could not be taken', error);
    }
  };
};
