import * as z from 'zod';
import { identifyBy } from '../identity/identify-by';

export const approvalPagesEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** JSON: how people are known. */
  IDENTIFY_BY: identifyBy,
});
