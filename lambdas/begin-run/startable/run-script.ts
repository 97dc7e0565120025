import * as z from 'zod';
import { variables } from '../../shared/contract';
import { InvalidInputError } from '../../shared/errors';
import { segment, sha256 } from '../../shared/names';
import { startFields } from '../contract';
import { type Catalogue, startable } from './startable';

/** What a person types to start `run-script`. */
export const runScriptInput = z.strictObject({
  workspace: startFields.workspace.describe(
    'what it is run for, <tenant>/<name>: nothing else changes that meanwhile',
  ),
  script: segment.describe('script of the catalogue'),
  digest: sha256.optional().describe('run it only if the catalogue has exactly this one'),
  parameters: variables.default({}).describe("the script's parameters"),
  reason: startFields.reason,
  approvalTimeoutSeconds: startFields.approvalTimeoutSeconds,
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});
type Input = z.infer<typeof runScriptInput>;

const contentOf = ({ script, digest, parameters }: Input, { catalogue }: { catalogue: Catalogue }) => {
  const checked = catalogue.validateScriptParameters(script, parameters);
  const known = catalogue.digests.script(script);
  if (digest !== undefined && digest !== known)
    throw new InvalidInputError(
      `The catalogue has another script ${script}: its digest is ${known ?? 'unknown'}. Look at what changed, then name that digest, or none.`,
    );
  return {
    module: null,
    variables: {},
    role: null,
    roleVariables: {},
    upgrade: false,
    script: { name: script, parameters: checked },
  };
};

export const runScript = startable<Input>({
  input: runScriptInput,
  // A script is run once: whoever resumes it sees it again, and decides again.
  entries: ['plan'],
  check: (input, catalogue) => void contentOf(input, { catalogue }),
  contentOf,
});
