import * as z from 'zod';
import { person } from '../approval-rules/people';
import { identifyBy } from '../identity/identify-by';
import { callerLimitsEnv } from '../shared/caller-limits';
import { jsonText } from '../shared/env';

export const decideApprovalEnv = z.object({
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"]}]`, for whom others may answer. */
  APPROVERS: jsonText.pipe(z.array(person)),
  /** JSON: how people are known. */
  IDENTIFY_BY: identifyBy,
  /** Told asynchronously; the sweep covers for it. */
  SEND_CALLBACK_FUNCTION: z.string(),
  /** Told when the glass is broken; its sweep covers for it. */
  TEND_APPROVALS_FUNCTION: z.string(),
  ...callerLimitsEnv,
});
