import { makeAsk } from '../../lambdas/approval-mail/ask';
import { ownerOf } from '../../lambdas/approval-mail/mailbox';
import type { Approver } from '../../lambdas/approval-mail/reach';
import type { ApprovalRecord } from '../../lambdas/shared/approval-record';
import type { Change } from '../../lambdas/shared/change';
import type { Mail } from '../../lambdas/shared/publish-mail';
import { makeSendDigest } from '../../lambdas/tend-approvals/send-digest';
import { makeTendApproval } from '../../lambdas/tend-approvals/tend-approval';
import { makeTendApprovals } from '../../lambdas/tend-approvals/tend-approvals';
import { aChange, inMemoryApprovals, inMemoryMailboxes, startedAt } from './gate';
import { recordingLedger } from './recording-ledger';

/** Approvers with a topic of their own, `arn:<id>`. */
export const approver = (id: string, ...groups: string[]): Approver => ({
  id,
  groups,
  topicArn: `arn:${id}`,
});

export interface SentMail extends Mail {
  readonly at: string;
}

/** Everything that tends approvals, in memory, with a clock that the test moves. */
export const prepareTending = (
  approvers: readonly Approver[],
  records: readonly ApprovalRecord[],
  change: (id: string) => Change = () => aChange(),
) => {
  const approvals = inMemoryApprovals(...records);
  const mailboxes = inMemoryMailboxes();
  const ledger = recordingLedger();
  const mails: SentMail[] = [];
  const woken: unknown[] = [];
  const unreachable = new Set<string>();
  const endedRuns = new Set<string>();
  const alarms = { count: 0 };
  /** Set to fail what is called next. */
  const crash: { sendMail?: (topicArn: string) => boolean } = {};
  const clock = { now: startedAt };
  const now = () => clock.now;
  const sendMail = async (mail: Mail): Promise<string> => {
    if (crash.sendMail?.(mail.topicArn)) throw new Error('the topic is gone');
    mails.push({ ...mail, at: clock.now.toISOString() });
    return 'id';
  };
  const ask = makeAsk({
    approvals,
    mailboxes,
    sendMail,
    publicUrl: 'https://gate.example',
    signIn: false,
    now,
  });
  const about = {
    approvals,
    ask,
    approvers,
    changes: { get: async ({ id }: { id: string }) => change(id) },
    now,
  };
  const tend = makeTendApprovals({
    approvals: {
      find: approvals.find,
      listDue: async (at, limit) => {
        const boxes = [...mailboxes.boxes].filter(([, { dueAt }]) => dueAt && dueAt <= at.toISOString());
        return [
          ...(await approvals.listDue(at, limit)),
          ...boxes.map(([person]) => `mailbox#${person}`),
        ].slice(0, limit);
      },
      claim: async (id, seen, until) => {
        const owner = ownerOf(id);
        if (owner === undefined) return approvals.claim(id, seen, until);
        const box = await mailboxes.get(owner);
        if (box.dueAt !== seen) return false;
        mailboxes.boxes.set(owner, { ...box, dueAt: until.toISOString() });
        return true;
      },
    },
    mailboxes,
    tendApproval: makeTendApproval({
      ...about,
      findUnreachable: async () => unreachable,
      ledger,
      hasEnded: async (runId) => endedRuns.has(runId),
      wakeCallback: async (callback) => {
        woken.push(callback);
      },
      sendMail,
      operationsTopicArn: 'arn:operations',
      raiseAlarm: () => {
        alarms.count += 1;
      },
      now,
    }),
    sendDigest: makeSendDigest({ ...about, mailboxes }),
    now,
  });
  return {
    approvals,
    mailboxes,
    ledger,
    mails,
    woken,
    unreachable,
    endedRuns,
    alarms,
    crash,
    clock,
    ask,
    wake: (approvalId: string) => tend({ approvalId }, { remainingTimeMs: () => 60_000 }),
    /** Moves the clock to so many hours after people were asked, and sweeps. */
    sweepAt: (hours: number) => {
      clock.now = new Date(startedAt.getTime() + hours * 3_600_000);
      return tend({ sweep: true }, { remainingTimeMs: () => 60_000 });
    },
  };
};
