import * as z from 'zod';

/** Each deployment of the broker lends one identity. */
export const brokerCredentialsEnv = z.object({
  PURPOSE: z.enum(['plan', 'apply']),
  ROLE_ARN: z.string(),
  STATE_BUCKET_ARN: z.string(),
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
