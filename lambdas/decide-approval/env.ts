import * as z from 'zod';

export const decideApprovalEnv = z.object({
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** Comma-separated ids of those who may decide now. */
  APPROVER_IDS: z.string().transform((list) => new Set(list.split(',').filter(Boolean))),
  /** Told asynchronously; the sweep covers for it. */
  SEND_CALLBACK_FUNCTION: z.string(),
});
