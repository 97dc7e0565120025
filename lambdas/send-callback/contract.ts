import * as z from 'zod';
import { runId } from '../shared/names';

/** One decision, or one workspace, to hand to the run that waits for it, or a sweep over all that are outstanding. */
export const sendCallbackInput = z.union([
  z.strictObject({ approvalId: z.string().min(1).max(128) }),
  z.strictObject({ leasedTo: runId }),
  z.strictObject({ sweep: z.literal(true) }),
]);
export const sendCallbackOutput = z.strictObject({
  sent: z.array(z.string()),
  /** The run no longer waited. */
  undeliverable: z.array(z.string()),
  /** Left for the next sweep. */
  failed: z.array(z.string()),
});
export type SendCallbackInput = z.infer<typeof sendCallbackInput>;
export type SendCallbackOutput = z.infer<typeof sendCallbackOutput>;
