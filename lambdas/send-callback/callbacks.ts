import { decisionOf } from '../shared/approval-reader';
import type { ApprovalRecord } from '../shared/approval-record';
import { answerEvents, decisionEvent } from '../shared/decision-event';
import { sha256Hex } from '../shared/digest';
import type { Ticket } from '../shared/lease-record';
import type { JsonValue, LedgerEvent } from '../shared/ledger';
import { tenantOf } from '../shared/names';
import type { Outbox } from './outbox';

/** One answer that a waiting task has not been told yet. */
export interface Callback {
  /** Of this task alone: a retried task waits with another. */
  readonly taskToken: string;
  readonly output: JsonValue;
  /** What the ledger must hold before the run goes on. */
  /** What the ledger tells before {@link event}. */
  readonly earlier: readonly LedgerEvent[];
  readonly event: LedgerEvent;
  /** Takes it off the list, unless a retried task waits with another token by now. */
  clear(): Promise<void>;
}

/** One kind of answers that are outstanding. */
export interface Callbacks {
  /** Oldest first. */
  pending(limit: number): Promise<string[]>;
  /** `undefined` once it is not outstanding. */
  get(id: string): Promise<Callback | undefined>;
}

/** Decisions on changes: a rejection is the task's success as well. */
export const approvalCallbacks = (outbox: Outbox<ApprovalRecord>): Callbacks => ({
  pending: outbox.pending,
  get: async (approvalId) => {
    const approval = await outbox.get(approvalId);
    if (approval?.callbackPending !== '1') return undefined;
    const event = decisionEvent(approval);
    const output = decisionOf(approval);
    if (!event || !output) return undefined;
    const { taskToken } = approval;
    return {
      taskToken,
      output: { ...output },
      earlier: answerEvents(approval),
      event,
      clear: () => outbox.clear(approvalId, taskToken),
    };
  },
});

const grantEvent = (ticket: Ticket, grantedAt: string): LedgerEvent => ({
  tenant: tenantOf(ticket.awaits),
  id: `lease.granted:${ticket.runId}:${grantedAt}`,
  type: 'lease.granted',
  runId: ticket.runId,
  actor: 'orchestrator',
  at: grantedAt,
  traceparent: ticket.traceparent,
  data: { workspace: ticket.awaits, queuedAt: ticket.queuedAt },
});

/** Workspaces that were handed to runs which waited for them. */
export const leaseCallbacks = (outbox: Outbox<Ticket>): Callbacks => ({
  pending: outbox.pending,
  get: async (runId) => {
    const ticket = await outbox.get(runId);
    if (ticket?.callbackPending !== '1' || ticket.grantedAt === undefined) return undefined;
    const { taskToken, awaits, grantedAt } = ticket;
    return {
      taskToken,
      output: { workspace: awaits, grantedAt },
      earlier: [],
      event: grantEvent(ticket, grantedAt),
      clear: () => outbox.clear(runId, taskToken),
    };
  },
});

/** What the ledger says of an answer that nobody waits for any more. */
export const undeliverableEvent = (
  id: string,
  { taskToken, event }: Callback,
  { reason, at }: { reason: string; at: string },
): LedgerEvent => ({
  ...event,
  id: `callback.undeliverable:${id}:${sha256Hex(taskToken).slice(0, 8)}`,
  type: 'callback.undeliverable',
  actor: 'send-callback',
  at,
  data: { ...event.data, reason },
});
