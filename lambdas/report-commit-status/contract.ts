import * as z from 'zod';
import { executionStatusEvent } from '../reconcile-run/contract';

/** Either how an execution stands, or a sweep over every run whose end GitHub does not know. */
export const reportCommitStatusInput = z.union([
  executionStatusEvent,
  z.strictObject({ sweep: z.literal(true) }),
]);
export const reportCommitStatusOutput = z.strictObject({ reported: z.array(z.string()) });
export type ReportCommitStatusInput = z.infer<typeof reportCommitStatusInput>;
