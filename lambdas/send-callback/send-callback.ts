import { decisionOf } from '../shared/approval-reader';
import type { ApprovalRecord } from '../shared/approval-record';
import type { Decision } from '../shared/contract';
import { decisionEvent } from '../shared/decision-event';
import { sha256Hex } from '../shared/digest';
import type { Ledger } from '../shared/ledger';
import { logger } from '../shared/logger';
import { tenantOf } from '../shared/names';
import type { SendCallbackInput, SendCallbackOutput } from './contract';
import type { Outbox } from './outbox';

interface Deps {
  readonly outbox: Outbox;
  readonly ledger: Ledger;
  /** Resumes the run that waits with this token. */
  readonly resume: (taskToken: string, decision: Decision) => Promise<void>;
  readonly now: () => Date;
}

/** Step Functions' names for a token that nothing waits with any more. */
const nobodyWaits: ReadonlySet<string> = new Set(['TaskTimedOut', 'InvalidToken', 'TaskDoesNotExist']);

/** A sweep that finds more leaves the rest to the next one. */
const sweepLimit = 100;

/**
 * Hands recorded decisions to their runs. The order makes every crash repairable by the next sweep: the ledger
 * first (idempotent), then the callback, and only then the flag. A rejection is the task's success as well.
 */
export const makeSendCallback = (deps: Deps) => {
  const recordUndeliverable = (approval: ApprovalRecord, reason: string): Promise<void> =>
    deps.ledger.append({
      tenant: tenantOf(approval.workspace),
      // One per waiting task: a retried task has another token.
      id: `callback.undeliverable:${approval.approvalId}:${sha256Hex(approval.taskToken).slice(0, 8)}`,
      type: 'callback.undeliverable',
      runId: approval.runId,
      actor: 'send-callback',
      at: deps.now().toISOString(),
      traceparent: approval.traceparent,
      data: { approvalId: approval.approvalId, changeDigest: approval.change.digest, reason },
    });

  const deliver = async (approvalId: string): Promise<'sent' | 'undeliverable' | 'nothing'> => {
    const approval = await deps.outbox.get(approvalId);
    if (approval?.callbackPending !== '1') return 'nothing';
    const decided = decisionEvent(approval);
    const decision = decisionOf(approval);
    if (!decided || !decision) return 'nothing';
    await deps.ledger.append(decided);
    try {
      await deps.resume(approval.taskToken, decision);
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown';
      if (!nobodyWaits.has(reason)) throw error;
      // Another sender may have delivered it in the meantime, which ends the task just the same.
      const again = await deps.outbox.get(approvalId);
      if (again?.callbackPending !== '1' || again.taskToken !== approval.taskToken) return 'nothing';
      await recordUndeliverable(approval, reason);
      await deps.outbox.clear(approval);
      return 'undeliverable';
    }
    await deps.outbox.clear(approval);
    return 'sent';
  };

  return async (input: SendCallbackInput): Promise<SendCallbackOutput> => {
    const result: SendCallbackOutput = { sent: [], undeliverable: [], failed: [] };
    const ids = 'approvalId' in input ? [input.approvalId] : await deps.outbox.pending(sweepLimit);
    for (const id of ids) {
      try {
        const how = await deliver(id);
        if (how !== 'nothing') result[how].push(id);
      } catch (error) {
        if ('approvalId' in input) throw error;
        logger.error('a callback failed; the next sweep tries again', {
          approvalId: id,
          code: error instanceof Error ? error.name : 'unknown',
        });
        result.failed.push(id);
      }
    }
    return result;
  };
};
