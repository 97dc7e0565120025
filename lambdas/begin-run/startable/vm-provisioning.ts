import * as z from 'zod';
import { checkPlainJson } from '../../shared/check-plain-json';
import { compensationKind, type Variables, variables } from '../../shared/contract';
import { InvalidInputError } from '../../shared/errors';
import { gitSource } from '../../shared/git-source';
import { segment } from '../../shared/names';
import type { AppliedContent } from '../../shared/workspace-record';
import { startFields } from '../contract';
import { isOutdated, pinsOf } from '../pins';
import { extended } from '../time-to-live';
import { asApplied } from './as-applied';
import { type Catalogue, startable } from './startable';

/** What a person types to start `vm-provisioning`: in the console, over the API, or in a file. */
export const vmProvisioningInput = z.strictObject({
  workspace: startFields.workspace,
  asApplied: z.literal(false).optional(),
  module: segment.describe('module of the catalogue, or what the one of the source is called'),
  source: gitSource
    .optional()
    .describe('a repository of your own, at a commit, that the module is taken from'),
  variables: variables.default({}).describe("the module's variables"),
  role: segment.describe('Ansible role of the catalogue that configures the hosts'),
  roleVariables: variables.default({}).describe("the role's variables"),
  upgrade: z
    .boolean()
    .default(false)
    .describe(
      'change over to the module and role that the catalogue has now; otherwise those that the workspace was last brought to are used again',
    ),
  onFailure: compensationKind
    .default('keep')
    .describe(
      'after a failed apply, configuration or scan: keep what is there, restore what was applied before, or destroy what this run created; both after approval',
    ),
  reason: startFields.reason,
  timeToLiveHours: z
    .int()
    .min(1)
    .max(24 * 365)
    .optional()
    .describe('hours from the first apply after which the host is due for decommission'),
  approvalTimeoutSeconds: startFields.approvalTimeoutSeconds,
  whenBusy: startFields.whenBusy,
  waitTimeoutSeconds: startFields.waitTimeoutSeconds,
  runsOn: startFields.runsOn,
  requestedBy: startFields.requestedBy,
  traceparent: startFields.traceparent,
});
type Named = z.infer<typeof vmProvisioningInput>;

/** What brings a workspace back to what it was last brought to: its content is known, and may not be named. */
export const asAppliedInput = vmProvisioningInput
  .omit({
    module: true,
    source: true,
    variables: true,
    role: true,
    roleVariables: true,
    upgrade: true,
    timeToLiveHours: true,
  })
  .extend({
    asApplied: z
      .literal(true)
      .describe('bring it back to the module, the role and the variables that were last applied here'),
    extendByHours: z
      .int()
      .min(1)
      .max(24 * 365)
      .optional()
      .describe('hours to add to its time to live'),
  });
type Input = Named | z.infer<typeof asAppliedInput>;

/** Variables of content that the catalogue does not have: what they are, the content itself knows; the worker asks it. */
const plain = (_: string, given: Variables): Variables => {
  checkPlainJson(given);
  return given;
};

type Known = { applied?: AppliedContent; catalogue: Catalogue };
type ModuleInput = Pick<Named, 'module' | 'source' | 'variables' | 'upgrade' | 'timeToLiveHours'>;

/** Which module, with which variables. */
export const moduleContent = (input: ModuleInput, { applied, catalogue }: Known) => {
  const { module, upgrade, timeToLiveHours, source } = input;
  if (timeToLiveHours !== undefined && 'time_to_live_hours' in input.variables)
    throw new InvalidInputError(
      'The time to live is given twice: remove time_to_live_hours from the variables or timeToLiveHours from the input.',
    );
  const timed = timeToLiveHours === undefined ? {} : { time_to_live_hours: timeToLiveHours };
  const pins = pinsOf(applied, { module, role: null, upgrade, source });
  const isOwn = source !== undefined || isOutdated(pins.module, catalogue.digests.module(module));
  const check = isOwn ? plain : catalogue.validateModuleVariables;
  return {
    module,
    source: source ?? null,
    variables: check(module, { ...input.variables, ...timed }),
    upgrade,
  };
};

const namedContent = (input: Named, on: Known) => {
  const { role, roleVariables, onFailure } = input;
  const pins = pinsOf(on.applied, input);
  const isKept = isOutdated(pins.role, on.catalogue.digests.role(role));
  const check = isKept ? plain : on.catalogue.validateRoleVariables;
  return {
    ...moduleContent(input, on),
    role,
    roleVariables: check(role, roleVariables),
    onFailure,
  };
};

const contentOf = (input: Input, on: Known) => {
  if (!input.asApplied) return namedContent(input, on);
  const content = asApplied(input.workspace, on.applied);
  if (content.role === null)
    throw new InvalidInputError(
      `${input.workspace} was brought to the module ${content.module} without a role, which this workflow needs. Name module, role and variables.`,
    );
  const variables =
    input.extendByHours === undefined
      ? content.variables
      : extended(input.workspace, content.variables, input.extendByHours);
  return { ...content, variables, onFailure: input.onFailure };
};

export const vmProvisioning = startable<Input>({
  input: z.discriminatedUnion('asApplied', [vmProvisioningInput, asAppliedInput]),
  entries: ['plan', 'apply', 'configure', 'scan'],
  check: (input, catalogue) => {
    if (!input.asApplied) namedContent(input, { catalogue });
  },
  contentOf,
});
