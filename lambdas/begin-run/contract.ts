import * as z from 'zod';
import { changeRef, decision, pin, place, places, planResult, runRef } from '../shared/contract';
import { runId, workspaceName } from '../shared/names';
import { changeSummary, runContent } from '../shared/run-record';

/** Nobody waits longer for an answer: 30 days. */
export const longestApprovalSeconds = 30 * 24 * 3600;

/** What the inputs of all workflows have in common. */
export const startFields = {
  workspace: workspaceName.describe('Terraform state to change, <tenant>/<name>'),
  reason: z.string().trim().min(3).max(1000).describe('why, shown to the approver and recorded'),
  approvalTimeoutSeconds: z
    .int()
    .min(30)
    .max(longestApprovalSeconds)
    .default(24 * 3600)
    .describe('seconds the approver has'),
  whenBusy: z
    .enum(['refuse', 'wait'])
    .default('refuse')
    .describe('what to do while another run has the workspace: end at once, or wait in order'),
  waitTimeoutSeconds: z
    .int()
    .min(30)
    .max(30 * 24 * 3600)
    .default(24 * 3600)
    .describe('seconds to wait for the workspace'),
  runsOn: place
    .optional()
    .describe(
      'where it plans and applies; by default where it had the time that it needs when it was last done',
    ),
  requestedBy: z.string().trim().min(1).max(128).optional().describe('who asks; shown as unverified'),
  /** Whatever it is: an invalid one starts a new trace and never fails a run. */
  traceparent: z.unknown().optional().describe('W3C trace context'),
};

/** Continues a run that failed: with that run's own input, of which nothing may differ but how it waits. */
export const resumeInput = z.strictObject({
  workspace: workspaceName.describe('the workspace of the run that failed'),
  resume: runId.describe('the run that failed'),
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  traceparent: startFields.traceparent,
});

export const beginRunInput = z.strictObject({
  workflow: z.string().max(80),
  execution: z.strictObject({
    arn: z.string().max(512),
    name: z.string().max(80),
    startedAt: z.string().max(40),
  }),
  /** The execution's input as it came. */
  input: z.unknown(),
});
export const beginRunOutput = z.strictObject({
  run: runRef,
  ...runContent.shape,
  /** What the workspace was last brought to with this module and this role. */
  pins: z.strictObject({ module: pin.nullable(), role: pin.nullable() }),
  places,
  attempt: z.int(),
  /** `plan`: from the beginning. Anything else carries on the approved change of the run that is resumed. */
  enterAt: z.enum(['plan', 'apply', 'configure', 'scan']),
  change: changeRef.nullable(),
  decision: decision.nullable(),
  summary: changeSummary.nullable(),
  hosts: planResult.shape.hosts,
});
export type Reentry = Pick<BeginRunOutput, 'enterAt' | 'change' | 'decision' | 'summary' | 'hosts'>;
export type BeginRunInput = z.infer<typeof beginRunInput>;
export type BeginRunOutput = z.infer<typeof beginRunOutput>;
