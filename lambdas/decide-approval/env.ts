import * as z from 'zod';
import { identifyBy } from '../identity/identify-by';

export const decideApprovalEnv = z.object({
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** JSON: how people are known. */
  IDENTIFY_BY: identifyBy,
  /** Told asynchronously; the sweep covers for it. */
  SEND_CALLBACK_FUNCTION: z.string(),
  /** Told when the glass is broken; its sweep covers for it. */
  TEND_APPROVALS_FUNCTION: z.string(),
});
