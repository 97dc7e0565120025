import * as z from 'zod';
import { demands } from '../approval-rules/demands';
import { starter, vote } from '../approval-rules/people';
import { changeRef, planCounts } from './contract';
import { sha256 } from './names';
import { planGroup } from './plan-document';

/**
 * One approval in the approvals table (partition key `approvalId`).
 *
 * `status` moves once, from `pending` to its end, by a conditional write. `callbackPending` is present from the
 * decision until Step Functions has been told (sparse index `callback-pending`: the outbox). In which lists it stands is
 * said by approval-order.ts. `tending` and `dueAt` are present while something is to be done about it at a time (sparse
 * index `by-due`).
 */
export const approvalRecord = z.object({
  /** Equal to the change's id: one approval per change. */
  approvalId: z.string(),
  runId: z.string(),
  workspace: z.string(),
  traceparent: z.string(),
  change: changeRef,
  /** The change in short, for whoever tells of it without reading it. Nothing is decided by it. */
  summary: z
    .object({ headline: z.string(), workflow: z.string(), counts: planCounts, dangers: z.array(planGroup) })
    .optional(),
  status: z.enum(['pending', 'approved', 'rejected', 'expired', 'voided']),
  /** The credential that resumes the run. Read by send-callback alone. */
  taskToken: z.string(),
  /** Of the task, from 0: the one that waits with the token. */
  attempt: z.int().min(0).optional(),
  createdAt: z.string(),
  expiresAt: z.string(),
  /** One personal link per approver; the nonce itself is only in their mail. */
  links: z.array(z.object({ approver: z.string(), nonceHash: sha256 })),
  /** Approvers whose mail was handed over; a retry writes to the others only. */
  mailedTo: z.array(z.string()).optional(),
  /** What the rules ask, fixed when people were asked: later rules change nothing of it. */
  demands,
  /** Digest of the rules that it comes from. */
  rules: sha256,
  starter,
  /** Why whoever started the run may not ask for the change: it is void. */
  askRefusal: z.string().optional(),
  /** In the order in which they were given. */
  votes: z.array(vote),
  decidedAt: z.string().optional(),
  /** `1` while the callback is outstanding. */
  callbackPending: z.literal('1').optional(),
  /** How often somebody began to tell it to the task of this token. */
  callbackTries: z.int().optional(),
  tending: z.literal('1').optional(),
  /** When to look at it next; moved ahead by whoever looks, so that nobody else does meanwhile. */
  dueAt: z.string().optional(),
  /** Escalations that were carried out. */
  escalated: z.int().optional(),
  /** The last reminder that was sent; the first is 1. */
  reminded: z.int().optional(),
  /** Approvers whom no mail reaches, as it was when somebody looked last. */
  unreachable: z.array(z.string()).optional(),
  /** Answers that broke the glass of which people were told. */
  glassTold: z.int().optional(),
});
export type ApprovalRecord = z.infer<typeof approvalRecord>;
