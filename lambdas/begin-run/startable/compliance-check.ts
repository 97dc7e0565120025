import * as z from 'zod';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { startable } from './startable';

/** What a person, or a schedule, types to start `compliance-check`. */
export const complianceCheckInput = z.strictObject({
  workspace: startFields.workspace.describe(
    'Terraform state whose hosts and module are checked, <tenant>/<name>',
  ),
  reason: startFields.reason.default('Compliance check').describe('why, recorded'),
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});

export const complianceCheck = startable<z.infer<typeof complianceCheckInput>>({
  input: complianceCheckInput,
  entries: [],
  isReadOnly: true,
  contentOf: ({ workspace }, { applied }) => asApplied(workspace, applied),
});
