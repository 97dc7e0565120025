import type { ApprovalView } from './approval-reader';
import { decidersOf } from './contract';
import { sha256Hex } from './digest';
import type { LedgerEvent } from './ledger';
import { tenantOf } from './names';

const about = ({ workspace, runId, traceparent }: ApprovalView) => ({
  tenant: tenantOf(workspace),
  runId,
  traceparent,
});

/** What every entry about an approval tells of it. */
export const approvalData = ({ approvalId, change, workspace, summary }: ApprovalView) => ({
  approvalId,
  changeDigest: change.digest,
  workspace,
  ...(summary && {
    headline: summary.headline,
    workflow: summary.workflow,
    counts: summary.counts,
    dangers: summary.dangers,
  }),
});

/**
 * Each answer as a ledger event. Like {@link decisionEvent} it is built from the record alone, so that whoever
 * repairs a crash appends the same event. A comment stands apart, by its digest.
 */
export const answerEvents = (approval: ApprovalView): LedgerEvent[] =>
  approval.votes.map(({ person, seats, outcome, breaksGlass, at, comment }) => ({
    ...about(approval),
    id: `answer:${approval.approvalId}:${person}`,
    type: breaksGlass ? 'glass.broken' : 'answer.given',
    actor: person,
    at,
    data: {
      ...approvalData(approval),
      outcome,
      answersFor: seats.map(({ id }) => id),
      commentDigest: comment === null ? null : sha256Hex(comment),
    },
  }));

/** What came of the answers, once they settled it; `undefined` when no person did. */
export const decisionEvent = (approval: ApprovalView): LedgerEvent | undefined => {
  const { approvalId, status, decidedAt, votes, rules } = approval;
  if ((status !== 'approved' && status !== 'rejected') || !decidedAt) return undefined;
  const by = decidersOf({ outcome: status, decidedAt, answers: votes });
  return {
    ...about(approval),
    id: `decision:${approvalId}`,
    type: 'decision.made',
    actor: by.join('+'),
    at: decidedAt,
    data: { ...approvalData(approval), outcome: status, by, rules },
  };
};

/** That nobody decides, because whoever asked may not; `undefined` when it was not that. */
export const voidEvent = (approval: ApprovalView): LedgerEvent | undefined => {
  const { approvalId, status, decidedAt, askRefusal, starter } = approval;
  if (status !== 'voided' || askRefusal === undefined || !decidedAt) return undefined;
  return {
    ...about(approval),
    id: `approval.closed:${approvalId}`,
    type: 'approval.voided',
    actor: 'record-starter',
    at: decidedAt,
    data: { ...approvalData(approval), startedBy: starter.id, because: askRefusal },
  };
};
