import * as z from 'zod';
import { credentialId } from '../../rotate-secret/contract';
import { everyTenant } from '../../shared/ledger-event';
import { startFields } from '../contract';
import { ofNoWorkspace } from './of-no-workspace';
import { startable } from './startable';

/** What a person, or a schedule, gives to start `secret-rotation`. */
export const secretRotationInput = z
  .strictObject({
    due: z
      .literal(true)
      .optional()
      .describe('rotate all credentials that are due, and finish what is half-finished'),
    credentials: z
      .array(credentialId)
      .min(1)
      .max(100)
      .optional()
      .describe('instead of due: these, by the names of their secrets'),
    force: z.boolean().default(false).describe('with credentials: also those that are not due'),
    maxConcurrency: z.int().min(1).max(40).default(10).describe('credentials that are rotated at once'),
    spreadSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(0)
      .describe('seconds over which their beginnings are spread'),
    drainSeconds: z
      .int()
      .min(0)
      .max(7200)
      .default(60)
      .describe(
        'seconds that a rotation itself waits for the end of its overlap; a later run goes on with it',
      ),
    reason: startFields.reason.default('Secret rotation').describe('why, recorded'),
    requestedBy: startFields.requestedBy,
    traceparent: startFields.traceparent,
  })
  .superRefine(({ due, credentials, force }, context) => {
    if ((due === undefined) === (credentials === undefined))
      context.addIssue({ code: 'custom', path: ['due'], message: 'give either due or credentials' });
    if (force && credentials === undefined)
      context.addIssue({ code: 'custom', path: ['force'], message: 'give it with credentials only' });
  });

/** It is recorded as a run of no workspace that anything is in. */
const input = secretRotationInput.transform((given) => ({
  ...given,
  workspace: `${everyTenant}/secret-rotation`,
}));

export const secretRotation = startable<z.infer<typeof input>>({
  input,
  entries: [],
  contentOf: () => ofNoWorkspace,
});
