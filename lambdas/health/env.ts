import * as z from 'zod';

export const healthEnv = z.object({
  VERSION: z.string(),
  COMMIT: z.string(),
  RUNS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  STATE_MACHINE_ARN: z.string(),
  /** Comma-separated: the approvers' topics and the notification topic. */
  TOPIC_ARNS: z.string().transform((list) => list.split(',').filter(Boolean)),
  KEY_ARN: z.string(),
  SIGNING_SECRET_ARN: z.string(),
});
