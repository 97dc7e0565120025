import type { ApprovalView } from './approval-reader';
import { sha256Hex } from './digest';
import type { LedgerEvent } from './ledger';
import { tenantOf } from './names';

/**
 * A person's recorded decision as a ledger event, or `undefined` when no person decided. Built from the record
 * alone, so that whoever repairs a crash appends the same event. A comment stands apart, by its digest.
 */
export const decisionEvent = (approval: ApprovalView): LedgerEvent | undefined => {
  const { approvalId, runId, workspace, traceparent, change, status, decidedBy, decidedAt, comment } =
    approval;
  if ((status !== 'approved' && status !== 'rejected') || !decidedBy || !decidedAt) return undefined;
  return {
    tenant: tenantOf(workspace),
    id: `decision:${approvalId}`,
    type: 'decision.made',
    runId,
    actor: decidedBy,
    at: decidedAt,
    traceparent,
    data: {
      approvalId,
      changeDigest: change.digest,
      outcome: status,
      commentDigest: comment === undefined ? null : sha256Hex(comment),
    },
  };
};
