import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';
import { aRun } from './change-fixtures';
import { approvalId, digest, startedAt } from './gate';

export const ofApproval = {
  approvalId,
  changeDigest: digest,
  workspace: aRun.workspace,
  headline: `Creates 1, changes 0, destroys 0 in ${aRun.workspace}.`,
  workflow: 'vm-provisioning',
  counts: { create: 1, update: 0, replace: 0, delete: 0 },
  dangers: ['create'],
};

/** An entry of the ledger, as the first of its chain where no place is said. */
export const anEntry = (over: Partial<WrittenEvent> = {}, seq = 1): LedgerEntry =>
  chain(
    { seq: seq - 1, hash: genesisHash },
    {
      tenant: 'demo',
      id: `approval.requested:${approvalId}`,
      type: 'approval.requested',
      runId: aRun.runId,
      actor: 'request-approval',
      at: startedAt.toISOString(),
      traceparent: aRun.traceparent,
      data: { ...ofApproval, expiresAt: '2026-11-22T09:00:00.000Z', approvers: ['alex', 'dana'] },
      ...over,
    },
  );
