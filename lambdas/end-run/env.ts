import * as z from 'zod';

export const endRunEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  SEND_CALLBACK_FUNCTION: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
