import * as z from 'zod';

export const beginRunEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  /** The identities whose tasks are deployed on Fargate too, with commas between, or `none`. */
  ON_FARGATE: z.string().transform((list) => list.split(',')),
});
