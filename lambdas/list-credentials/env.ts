import * as z from 'zod';
import { scopeVariables } from '../rotation/scope';

export const listCredentialsEnv = z.object({
  CREDENTIALS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  ...scopeVariables,
});
