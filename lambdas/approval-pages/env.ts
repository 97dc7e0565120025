import * as z from 'zod';
import { person } from '../approval-rules/people';
import { identifyBy } from '../identity/identify-by';
import { jsonText } from '../shared/env';

export const approvalPagesEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  CREDENTIALS_TABLE: z.string(),
  /** Where the console shows runs of the rotation, up to a run's id. */
  ROTATION_RUNS: z.url({ protocol: /^https$/ }).optional(),
  SIGNING_SECRET_ARN: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"]}]`, for whom others may answer. */
  APPROVERS: jsonText.pipe(z.array(person)),
  /** JSON: how people are known. */
  IDENTIFY_BY: identifyBy,
});
