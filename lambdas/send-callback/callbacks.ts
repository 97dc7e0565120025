import { decisionOf } from '../shared/approval-reader';
import type { ApprovalRecord } from '../shared/approval-record';
import { answerEvents, endEvent } from '../shared/decision-event';
import { sha256Hex } from '../shared/digest';
import { NotAllowedToAskError } from '../shared/errors';
import type { Ticket } from '../shared/lease-record';
import type { JsonValue, LedgerEvent } from '../shared/ledger-event';
import { tenantOf } from '../shared/names';
import type { Outbox } from './outbox';

/** One answer that a waiting task has not been told yet. */
export interface Callback {
  /** Of this task alone: a retried task waits with another. */
  readonly taskToken: string;
  readonly answer: { readonly output: JsonValue } | { readonly error: string; readonly cause: string };
  /** What the ledger tells before {@link event}. */
  readonly earlier: readonly LedgerEvent[];
  /** What the ledger must hold before the run goes on. */
  readonly event: LedgerEvent;
  /** How often somebody began to send it with this token. */
  readonly tries: number;
  /** Counts one more, before it is sent. */
  countTry(): Promise<void>;
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

/** What the task is told of an approval: a rejection is its success as well, a void request its failure. */
const answerOf = (approval: ApprovalRecord): Callback['answer'] | undefined => {
  if (approval.status === 'voided' && approval.askRefusal !== undefined)
    return { error: NotAllowedToAskError.name, cause: approval.askRefusal };
  const output = decisionOf(approval);
  return output && { output: { ...output } };
};

/** Decisions on changes. */
export const approvalCallbacks = (outbox: Outbox<ApprovalRecord>): Callbacks => ({
  pending: outbox.pending,
  get: async (approvalId) => {
    const approval = await outbox.get(approvalId);
    if (approval?.callbackPending !== '1') return undefined;
    const event = endEvent(approval);
    const answer = answerOf(approval);
    if (!event || !answer) return undefined;
    const { taskToken } = approval;
    return {
      taskToken,
      answer,
      earlier: answerEvents(approval),
      event,
      tries: approval.callbackTries ?? 0,
      countTry: () => outbox.countTry(approvalId, taskToken),
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
      answer: { output: { workspace: awaits, grantedAt } },
      earlier: [],
      event: grantEvent(ticket, grantedAt),
      tries: ticket.callbackTries ?? 0,
      countTry: () => outbox.countTry(runId, taskToken),
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
