import * as z from 'zod';

export const authorizeChangeEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
