import * as z from 'zod';
import { jsonText } from '../shared/env';

/** Where the infrastructure of workspaces stands: in our own account, or behind a role of another. */
const lendingTarget = z.strictObject({
  /** `tenant/*` or `tenant/workspace`. */
  workspaces: z.string(),
  role: z.strictObject({ arn: z.string(), externalId: z.string() }).nullable(),
});
export type LendingTarget = z.infer<typeof lendingTarget>;

/** Each deployment of the broker lends one identity. */
export const brokerCredentialsEnv = z.object({
  PURPOSE: z.enum(['plan', 'apply']),
  ROLE_ARN: z.string(),
  STATE_BUCKET_ARN: z.string(),
  TARGETS: jsonText.pipe(z.array(lendingTarget)),
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
