import * as z from 'zod';
import { explanation } from '../approval-rules/explain';
import { person } from '../approval-rules/people';
import { runId } from '../shared/names';

/** Asks why somebody may or may not decide on what a run asks for. */
export const explainApprovalInput = z.strictObject({
  runId,
  person: person.shape.id,
  /** @default what the configuration says of them */
  groups: person.shape.groups.optional(),
});
export const explainApprovalOutput = z.strictObject({
  runId,
  approvalId: z.string(),
  workspace: z.string(),
  status: z.string(),
  askedFor: z.string(),
  ...explanation.shape,
});
export type ExplainApprovalInput = z.infer<typeof explainApprovalInput>;
export type ExplainApprovalOutput = z.infer<typeof explainApprovalOutput>;
