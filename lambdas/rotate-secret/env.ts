import * as z from 'zod';

export const rotateSecretEnv = z.object({
  CREDENTIALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  /** What the names of all that are rotated begin with. */
  SECRETS_PREFIX: z.string(),
});
