import * as z from 'zod';
import { variables } from '../../shared/contract';
import { InvalidInputError } from '../../shared/errors';
import { segment } from '../../shared/names';
import type { AppliedContent } from '../../shared/workspace-record';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { type Catalogue, startable } from './startable';

/** What a person types to start `decommission`. */
export const decommissionInput = z.strictObject({
  workspace: startFields.workspace.describe('Terraform state to destroy, <tenant>/<name>'),
  reason: startFields.reason,
  module: segment
    .optional()
    .describe('only where nothing is known to be applied: the module whose remains are destroyed'),
  variables: variables.optional().describe('with the module: its variables'),
  approvalTimeoutSeconds: startFields.approvalTimeoutSeconds,
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});
type Input = z.infer<typeof decommissionInput>;

const remainsOf = (module: string, { variables: given = {} }: Input, catalogue: Catalogue) => ({
  module,
  variables: catalogue.validateModuleVariables(module, given),
  role: null,
  roleVariables: {},
  upgrade: false,
});

const contentOf = (input: Input, on: { applied?: AppliedContent; catalogue: Catalogue }) => {
  const { workspace, module } = input;
  if (module === undefined || on.applied === undefined)
    return module === undefined ? asApplied(workspace, on.applied) : remainsOf(module, input, on.catalogue);
  throw new InvalidInputError(
    `${workspace} was brought to the module ${on.applied.module} by run ${on.applied.runId}, which is what is destroyed. Leave out module and variables.`,
  );
};

export const decommission = startable<Input>({
  input: decommissionInput.refine(
    ({ module, variables: given }) => module !== undefined || given === undefined,
    {
      path: ['variables'],
      error: 'give them together with the module, or neither',
    },
  ),
  entries: ['plan'],
  check: (input, catalogue) => {
    if (input.module !== undefined) remainsOf(input.module, input, catalogue);
  },
  contentOf,
});
