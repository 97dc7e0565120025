import * as z from 'zod';
import { mailbox } from '../approval-mail/mailbox';
import { approvalView } from '../shared/approval-reader';

export const personalDataEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  /** `none` where people do not sign in. */
  SESSIONS_TABLE: z.string(),
});

/** What is read of the approvals table: approvals without the task token, mailboxes, delegations. */
export const readAttributes: readonly string[] = [
  ...new Set([...Object.keys(approvalView.shape), ...Object.keys(mailbox.shape), 'byPerson']),
];
