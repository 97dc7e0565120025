import * as z from 'zod';

export const chooseCompensationEnv = z.object({
  RUNS_TABLE: z.string(),
  WORKSPACES_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
});
