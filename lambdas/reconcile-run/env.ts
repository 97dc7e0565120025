import * as z from 'zod';

export const reconcileRunEnv = z.object({
  RUNS_TABLE: z.string(),
  CLOSE_APPROVAL_FUNCTION: z.string(),
  END_RUN_FUNCTION: z.string(),
  NOTIFY_FUNCTION: z.string(),
});
