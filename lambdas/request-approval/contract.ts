import * as z from 'zod';
import { changeRef, runRef } from '../shared/contract';

/** Called with `.waitForTaskToken`: its return value is not the gate's result, the decision is. */
export const requestApprovalInput = z.strictObject({
  run: runRef,
  change: changeRef,
  /** Kept in the approvals table alone; nothing else ever sees it. */
  taskToken: z.string().min(1).max(2048),
  /** Which attempt of the task this is, from 0. An execution that began before this was said does not say it. */
  attempt: z.int().min(0).default(0),
  /** Seconds from now until the gate expires; the state's own timeout is the same number. */
  timeoutSeconds: z
    .int()
    .min(30)
    .max(30 * 24 * 3600),
});
export const requestApprovalOutput = z.strictObject({ approvalId: z.string() });
export type RequestApprovalInput = z.infer<typeof requestApprovalInput>;
