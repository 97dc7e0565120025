import * as z from 'zod';

export const beginRunEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
});
