import * as z from 'zod';
import { concurrencyCaps } from '../shared/contract';
import { jsonText } from '../shared/env';

export const beginRunEnv = z.object({
  RUNS_TABLE: z.string(),
  LEASES_TABLE: z.string(),
  /** JSON: `{"default": 5, "tenants": {"acme": 2}}`. */
  CONCURRENCY: jsonText.pipe(concurrencyCaps),
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  /** The identities whose tasks are deployed on Fargate too, with commas between, or `none`. */
  ON_FARGATE: z.string().transform((list) => list.split(',')),
  /** The workflows whose definition can wait for a workspace, with commas between. */
  WAITING_WORKFLOWS: z.string().transform((list) => list.split(',')),
  MOST_TIME_TO_LIVE_HOURS: z.coerce.number().int().min(1),
});
