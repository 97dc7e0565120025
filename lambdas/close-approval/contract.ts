import * as z from 'zod';
import { changeRef, decision, runRef } from '../shared/contract';

/** Ends a pending approval without a person; an answer that was already recorded wins and is returned instead. */
export const closeApprovalInput = z.strictObject({
  run: runRef,
  change: changeRef,
  as: z.enum(['expired', 'voided']),
});
export const closeApprovalOutput = decision;
export type CloseApprovalInput = z.infer<typeof closeApprovalInput>;
