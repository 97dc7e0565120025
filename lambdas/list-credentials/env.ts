import * as z from 'zod';

export const listCredentialsEnv = z.object({
  CREDENTIALS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  /** What the names of all that are rotated begin with. */
  SECRETS_PREFIX: z.string(),
});
