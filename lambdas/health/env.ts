import * as z from 'zod';
import { jsonText } from '../shared/env';

export const healthEnv = z.object({
  VERSION: z.string(),
  COMMIT: z.string(),
  RUNS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  STATE_MACHINE_ARN: z.string(),
  /** JSON: the approvers' topics and the notification topic, each with the number of people who are to hear of it. */
  TOPICS: jsonText.pipe(z.array(z.strictObject({ arn: z.string(), people: z.int().min(1) }))),
  KEY_ARN: z.string(),
  SIGNING_SECRET_ARN: z.string(),
});
