import type { Ask } from '../approval-mail/ask';
import type { Approver, FindUnreachable } from '../approval-mail/reach';
import { dueBy, isOverdue, nextLook } from '../approval-rules/timetable';
import { whomToAsk } from '../approval-rules/whom-to-ask';
import type { ApprovalView } from '../shared/approval-reader';
import type { ApprovalStore } from '../shared/approval-store';
import type { ChangeStore } from '../shared/change-store';
import { aboutApproval, answerEvents, approvalData, endEvent } from '../shared/decision-event';
import type { Ledger } from '../shared/ledger';
import { type EventData, people } from '../shared/ledger-event';
import type { PublishMail } from '../shared/publish-mail';
import type { WakeCallback } from '../shared/wake-callback';
import { glassMail } from './glass-mail';

export interface TendApprovalDeps {
  readonly approvals: Pick<ApprovalStore, 'find' | 'close' | 'settle' | 'release'>;
  readonly changes: Pick<ChangeStore, 'get'>;
  readonly ask: Pick<Ask, 'each'>;
  readonly findUnreachable: FindUnreachable;
  readonly approvers: readonly Approver[];
  readonly ledger: Ledger;
  readonly hasEnded: (runId: string) => Promise<boolean>;
  readonly wakeCallback: WakeCallback;
  readonly sendMail: PublishMail;
  readonly operationsTopicArn: string;
  /** Raises the alarm that the glass was broken. */
  readonly raiseAlarm: () => void;
  readonly now: () => Date;
}

/**
 * Does what is due about one approval that the caller has claimed until `claimed`. Every part may be repeated after a
 * crash: ledger events are taken once, and an approval ends once. A mail that was sent before the crash is sent again.
 */
export const makeTendApproval = (deps: TendApprovalDeps) => {
  const record = (approval: ApprovalView, id: string, type: string, data: EventData) =>
    deps.ledger.append({
      ...aboutApproval(approval),
      id: `${type}:${approval.approvalId}:${id}`,
      type,
      actor: 'tend-approvals',
      at: deps.now().toISOString(),
      data: { ...approvalData(approval), ...data },
    });

  /** How many answers that broke the glass people know of from now on. */
  const tellGlass = async (approval: ApprovalView): Promise<number> => {
    const broken = approval.votes.filter(({ breaksGlass }) => breaksGlass);
    const untold = broken.slice(approval.glassTold ?? 0);
    if (untold.length > 0) {
      for (const event of answerEvents(approval)) await deps.ledger.append(event);
      deps.raiseAlarm();
      await deps.sendMail(glassMail(approval, untold, deps.operationsTopicArn));
    }
    return broken.length;
  };

  /** Nobody answers any more: what ended without a person is put on the record, and nothing is left to do. */
  const finish = async (approval: ApprovalView, claimed: string): Promise<void> => {
    const event = endEvent(approval);
    if (event && approval.callbackPending === undefined)
      for (const one of [...answerEvents(approval), event]) await deps.ledger.append(one);
    await deps.approvals.release(approval.approvalId, claimed);
  };

  /** `false`: somebody answered first. */
  const close = async ({ approvalId }: ApprovalView, as: 'expired' | 'voided'): Promise<void> => {
    const at = deps.now().toISOString();
    const resume = as === 'expired';
    if (!(await deps.approvals.close(approvalId, as, at, { resume }))) return;
    if (resume) await deps.wakeCallback({ approvalId });
    const ended = await deps.approvals.find(approvalId);
    if (ended) await finish(ended, at);
  };

  const escalate = async (approval: ApprovalView, from: number, to: number): Promise<void> => {
    for (const [index, escalation] of approval.demands.escalations.slice(0, to).entries())
      if (index >= from)
        await record(approval, String(index + 1), 'approval.escalated', {
          to: escalation.to,
          afterHours: escalation.afterHours,
        });
  };

  /** Asks whoever is to be asked by now and was not, and reminds the others. */
  const mail = async (
    approval: ApprovalView,
    reachable: readonly Approver[],
    { escalated, reminder }: { escalated: number; reminder: number | undefined },
  ): Promise<string[]> => {
    const wanted = whomToAsk(approval, reachable, escalated);
    const known = new Set(approval.mailedTo);
    const late = wanted.filter(({ id }) => !known.has(id));
    const again = reminder === undefined ? [] : wanted.filter(({ id }) => known.has(id));
    if (late.length + again.length === 0) return [];
    const change = await deps.changes.get(approval.change);
    if (again.length > 0)
      await record(approval, String(reminder), 'approval.reminded', {
        people: people(again.map(({ id }) => id)),
      });
    const failed = await deps.ask.each(approval, change, late, escalated > 0 ? 'escalated' : 'asked');
    return [...failed, ...(await deps.ask.each(approval, change, again, 'reminded'))];
  };

  return async (approval: ApprovalView, claimed: string): Promise<void> => {
    const glassTold = await tellGlass(approval);
    if (approval.status !== 'pending') return finish(approval, claimed);
    if (await deps.hasEnded(approval.runId)) return close(approval, 'voided');
    const now = deps.now();
    if (isOverdue(approval, now)) return close(approval, 'expired');
    const done = { escalated: approval.escalated ?? 0, reminded: approval.reminded ?? 0 };
    const due = dueBy(approval, now);
    const escalated = Math.max(done.escalated, due.escalated);
    const reminded = Math.max(done.reminded, due.reminded);
    const unreachable = await deps.findUnreachable(deps.approvers);
    let failed: string[] = [];
    if (now.toISOString() < approval.expiresAt) {
      await escalate(approval, done.escalated, escalated);
      failed = await mail(
        approval,
        deps.approvers.filter(({ id }) => !unreachable.has(id)),
        { escalated, reminder: reminded > done.reminded ? reminded : undefined },
      );
    }
    // What failed is due again when the claim ends. A reminder that failed for one is not sent to all again.
    const next = nextLook(approval, now).toISOString();
    await deps.approvals.settle(approval.approvalId, claimed, {
      escalated,
      reminded,
      glassTold,
      unreachable: [...unreachable],
      dueAt: failed.length > 0 && claimed < next ? claimed : next,
    });
  };
};
