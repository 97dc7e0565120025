import { createHmac } from 'node:crypto';
import type { ApprovalView } from './approval-reader';
import { decidersOf } from './contract';
import { type LedgerEvent, people, person, words } from './ledger-event';
import { tenantOf } from './names';

/** Whose chain and which run an event about an approval belongs to. */
export const aboutApproval = ({ workspace, runId, traceparent }: ApprovalView) => ({
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
 * Each answer as a ledger event. Like {@link endEvent} it is built from the record alone, so that whoever
 * repairs a crash appends the same event. Answers are only ever added, so that each is known by its place.
 */
export const answerEvents = (approval: ApprovalView): LedgerEvent[] =>
  approval.votes.map(({ person: by, seats, outcome, breaksGlass, at, comment }, index) => ({
    ...aboutApproval(approval),
    id: `answer:${approval.approvalId}:${index + 1}`,
    type: breaksGlass ? 'glass.broken' : 'answer.given',
    actor: person(by),
    at,
    data: {
      ...approvalData(approval),
      outcome,
      answersFor: people(seats.map(({ id }) => id)),
      commentDigest: comment === null ? null : words(comment, by),
    },
  }));

/**
 * Somebody who is known tried to answer and may not. The key makes the id say nothing about them, and is the same for
 * each try of one person for one reason: whoever tries a thousand times is on the record once.
 */
export const refusedEvent = (
  approval: ApprovalView,
  refused: {
    readonly person: string;
    readonly because: string;
    readonly outcome: string;
    readonly at: string;
  },
  key: string,
): LedgerEvent => {
  const { person: by, because, outcome, at } = refused;
  const tries = createHmac('sha256', key).update(['refused', approval.approvalId, because, by].join('\n'));
  return {
    ...aboutApproval(approval),
    id: `decision.refused:${approval.approvalId}:${tries.digest('hex').slice(0, 32)}`,
    type: 'decision.refused',
    actor: person(by),
    at,
    data: { ...approvalData(approval), outcome, because },
  };
};

/** How an approval ended: by the answers that settled it, or without a person; `undefined` while it has not. */
export const endEvent = (approval: ApprovalView): LedgerEvent | undefined => {
  const { approvalId, status, decidedAt, votes, rules, starter, askRefusal } = approval;
  if (status === 'pending' || !decidedAt) return undefined;
  if (status === 'expired' || status === 'voided')
    return {
      ...aboutApproval(approval),
      id: `approval.closed:${approvalId}`,
      type: `approval.${status}`,
      actor: askRefusal === undefined ? 'orchestrator' : 'record-starter',
      at: decidedAt,
      data: {
        ...approvalData(approval),
        ...(askRefusal !== undefined &&
          starter.id !== null && {
            startedBy: person(starter.id),
            becauseDigest: words(askRefusal, starter.id),
          }),
      },
    };
  const by = people(decidersOf({ outcome: status, decidedAt, answers: votes }));
  return {
    ...aboutApproval(approval),
    id: `decision:${approvalId}`,
    type: 'decision.made',
    actor: by,
    at: decidedAt,
    data: { ...approvalData(approval), outcome: status, by, rules },
  };
};
