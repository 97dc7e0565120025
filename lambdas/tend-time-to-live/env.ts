import * as z from 'zod';

export const tendTimeToLiveEnv = z.object({
  WORKSPACES_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  NOTIFICATION_TOPIC_ARN: z.string(),
  DECOMMISSION_ARN: z.string(),
});
