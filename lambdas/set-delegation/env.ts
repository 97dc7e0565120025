import * as z from 'zod';
import { person } from '../approval-rules/people';
import { jsonText } from '../shared/env';

export const setDelegationEnv = z.object({
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"]}]`, who may delegate and be delegated to. */
  APPROVERS: jsonText.pipe(z.array(person)),
});
