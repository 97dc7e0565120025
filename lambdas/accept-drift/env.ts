import * as z from 'zod';

export const acceptDriftEnv = z.object({
  WORKSPACES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
});
