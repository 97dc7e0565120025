import * as z from 'zod';

const approvers = z.array(z.strictObject({ id: z.string().min(1).max(128), topicArn: z.string() })).min(1);

export const requestApprovalEnv = z.object({
  APPROVALS_TABLE: z.string(),
  LEDGER_TABLE: z.string(),
  ARTIFACTS_BUCKET: z.string(),
  /** JSON: `[{"id": "alex", "topicArn": "arn:…"}]`. */
  APPROVERS: z.string().transform((text, context) => {
    try {
      return approvers.parse(JSON.parse(text));
    } catch {
      context.addIssue('not a list of approvers');
      return z.NEVER;
    }
  }),
  /** Where people reach the pages, without a trailing slash. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
});
