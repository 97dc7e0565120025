import * as z from 'zod';

export const assessComplianceEnv = z.object({
  LEDGER_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
