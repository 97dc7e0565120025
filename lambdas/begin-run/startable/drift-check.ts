import * as z from 'zod';
import { runId } from '../../shared/names';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { startable } from './startable';

/** What a person types to start `drift-check`. */
export const driftCheckInput = z.strictObject({
  workspace: startFields.workspace.describe('Terraform state to look at, <tenant>/<name>'),
  reason: startFields.reason.default('Drift check').describe('why, recorded'),
  whenBusy: z
    .enum(['refuse', 'wait', 'skip'])
    .default('refuse')
    .describe(
      'what to do while another run has the workspace: end at once as failed, wait in order, or end as skipped',
    ),
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  partOf: runId
    .optional()
    .describe('the run that started this one and tells people what is found; this one then mails nobody'),
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});

export const driftCheck = startable<z.infer<typeof driftCheckInput>>({
  input: driftCheckInput,
  entries: [],
  isReadOnly: true,
  contentOf: ({ workspace, partOf }, { applied }) => ({
    ...asApplied(workspace, applied),
    ...(partOf !== undefined && { partOf }),
  }),
});
