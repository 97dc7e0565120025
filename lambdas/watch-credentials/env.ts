import * as z from 'zod';

export const watchCredentialsEnv = z.object({
  CREDENTIALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
});
