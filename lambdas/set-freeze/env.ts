import * as z from 'zod';

export const setFreezeEnv = z.object({
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
});
