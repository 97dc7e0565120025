import * as z from 'zod';

/** EventBridge's "Step Functions Execution Status Change", as far as it is used. */
export const executionStatusEvent = z.object({
  detail: z.object({
    executionArn: z.string(),
    name: z.string(),
    status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']),
  }),
});

/** Either one execution's end, or a sweep over all runs that nobody ended (lost events, lingering leases). */
export const reconcileRunInput = z.union([executionStatusEvent, z.strictObject({ sweep: z.literal(true) })]);
export const reconcileRunOutput = z.strictObject({ reconciled: z.array(z.string()) });
export type ReconcileRunInput = z.infer<typeof reconcileRunInput>;
