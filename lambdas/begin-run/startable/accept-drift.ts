import * as z from 'zod';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { startable } from './startable';

/** What a person types to start `accept-drift`. */
export const acceptDriftInput = z.strictObject({
  workspace: startFields.workspace.describe('Terraform state of which drift is accepted, <tenant>/<name>'),
  keys: z
    .array(z.string().regex(/^[0-9a-f]{16}$/, 'a key of a drift report: 16 hex digits'))
    .min(1)
    .max(100)
    .optional()
    .describe('which, by their keys in the report of the last check; otherwise all that it found'),
  reason: startFields.reason.describe('why it is meant to stay, recorded'),
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});

export const acceptDrift = startable<z.infer<typeof acceptDriftInput>>({
  input: acceptDriftInput,
  entries: [],
  isReadOnly: true,
  contentOf: ({ workspace }, { applied }) => asApplied(workspace, applied),
});
