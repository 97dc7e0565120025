import * as z from 'zod';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { startable } from './startable';

/** What a person types to start `drift-check`. */
export const driftCheckInput = z.strictObject({
  workspace: startFields.workspace.describe('Terraform state to look at, <tenant>/<name>'),
  reason: startFields.reason.default('Drift check').describe('why, recorded'),
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});

export const driftCheck = startable<z.infer<typeof driftCheckInput>>({
  input: driftCheckInput,
  entries: [],
  isReadOnly: true,
  contentOf: ({ workspace }, { applied }) => asApplied(workspace, applied),
});
