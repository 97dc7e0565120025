import * as z from 'zod';
import { person } from '../approval-rules/people';
import { jsonText } from '../shared/env';

export const explainApprovalEnv = z.object({
  RUNS_TABLE: z.string(),
  APPROVALS_TABLE: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"]}]`. */
  APPROVERS: jsonText.pipe(z.array(person)),
});
