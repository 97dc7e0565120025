import * as z from 'zod';

export const approvalPagesEnv = z.object({
  APPROVALS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
});
