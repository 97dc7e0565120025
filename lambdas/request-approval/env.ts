import * as z from 'zod';
import { person } from '../approval-rules/people';
import { jsonText } from '../shared/env';

const approvers = z.array(z.strictObject({ ...person.shape, topicArn: z.string() })).min(1);

export const requestApprovalEnv = z.object({
  APPROVALS_TABLE: z.string(),
  RUNS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  PEOPLE_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  ENVIRONMENT: z.string(),
  /** JSON: `[{"id": "alex", "groups": ["approver"], "topicArn": "arn:…"}]`. */
  APPROVERS: jsonText.pipe(approvers),
  /** Whether people are known by their sign-in, and not by their link. */
  SIGN_IN: z.enum(['true', 'false']).transform((value) => value === 'true'),
  /** Mails about approvals that one person gets within ten minutes; what is more comes in one digest. */
  MAIL_BUDGET: z.coerce.number().int().positive(),
  /** Where people reach the pages, without a trailing slash. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
});
