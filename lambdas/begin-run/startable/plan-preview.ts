import type * as z from 'zod';
import { startFields } from '../contract';
import { startable } from './startable';
import { moduleContent, vmProvisioningInput } from './vm-provisioning';

/** What a person, or a pull request, gives to see what a module would change. */
export const planPreviewInput = vmProvisioningInput
  .pick({
    module: true,
    source: true,
    variables: true,
    upgrade: true,
    timeToLiveHours: true,
    runsOn: true,
    requestedBy: true,
    traceparent: true,
  })
  .extend({
    workspace: startFields.workspace.describe('Terraform state to plan against, <tenant>/<name>'),
    reason: startFields.reason.default('Preview').describe('why, recorded'),
  });

export const planPreview = startable<z.infer<typeof planPreviewInput>>({
  input: planPreviewInput,
  entries: [],
  isReadOnly: true,
  check: (input, catalogue) => void moduleContent(input, { catalogue }),
  contentOf: (input, on) => ({
    ...moduleContent(input, on),
    role: null,
    roleVariables: {},
    preview: true,
  }),
});
