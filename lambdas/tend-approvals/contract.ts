import * as z from 'zod';

/** A sweep over everything that is due, or one approval of which something is due now. */
export const tendApprovalsInput = z.union([
  z.strictObject({ sweep: z.literal(true) }),
  z.strictObject({ approvalId: z.string().min(1).max(128) }),
]);
export const tendApprovalsOutput = z.strictObject({
  /** Approvals and mailboxes on which something was done. */
  tended: z.array(z.string()),
  /** Left for a later sweep. */
  failed: z.array(z.string()),
});
export type TendApprovalsInput = z.infer<typeof tendApprovalsInput>;
export type TendApprovalsOutput = z.infer<typeof tendApprovalsOutput>;

/** Counts each time that the glass is broken; its alarm listens here. */
export const glassMetric = { namespace: 'Orchestrator', name: 'GlassBroken' } as const;
