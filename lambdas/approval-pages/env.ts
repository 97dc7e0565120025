import * as z from 'zod';
import { person } from '../approval-rules/people';
import { jsonText } from '../shared/env';

export const approvalPagesEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  SIGNING_SECRET_ARN: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"]}]`, who answers now. */
  APPROVERS: jsonText.pipe(z.array(person)),
});
