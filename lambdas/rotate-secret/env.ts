import * as z from 'zod';
import { scopeVariables } from '../rotation/scope';

export const rotateSecretEnv = z.object({
  CREDENTIALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  ...scopeVariables,
});
