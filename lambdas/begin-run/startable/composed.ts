import * as z from 'zod';
import { variables } from '../../shared/contract';
import { segment } from '../../shared/names';
import type { AppliedContent } from '../../shared/workspace-record';
import { startFields } from '../contract';
import { asApplied } from './as-applied';
import { type Catalogue, startable } from './startable';
import { moduleContent } from './vm-provisioning';

/** What a person types to start a workflow that has no contract of its own: content of the catalogue, by name. */
export const composedInput = z
  .strictObject({
    ...startFields,
    module: segment
      .optional()
      .describe('module of the catalogue; without it, what the workspace was last brought to'),
    variables: variables.optional().describe("with the module: the module's variables"),
    role: segment.optional().describe('Ansible role of the catalogue'),
    roleVariables: variables.optional().describe("with the role: the role's variables"),
    script: segment.optional().describe('script of the catalogue, instead of module and role'),
    parameters: variables.optional().describe("with the script: the script's parameters"),
  })
  .superRefine((input, context) => {
    for (const [given, of] of [
      ['variables', 'module'],
      ['roleVariables', 'role'],
      ['parameters', 'script'],
    ] as const)
      if (input[given] !== undefined && input[of] === undefined)
        context.addIssue({ code: 'custom', path: [given], message: `give them together with the ${of}` });
    if (input.script !== undefined && (input.module !== undefined || input.role !== undefined))
      context.addIssue({ code: 'custom', path: ['script'], message: 'give it, or a module and a role' });
  });
type Input = z.infer<typeof composedInput>;
type Known = { applied?: AppliedContent; catalogue: Catalogue };

const roleOf = ({ role, roleVariables = {} }: Input, catalogue: Catalogue) =>
  role === undefined ? {} : { role, roleVariables: catalogue.validateRoleVariables(role, roleVariables) };

const scriptOf = ({ script, parameters = {} }: Input, catalogue: Catalogue) =>
  script === undefined
    ? {}
    : { script: { name: script, parameters: catalogue.validateScriptParameters(script, parameters) } };

const nothing = { module: null, variables: {}, role: null, roleVariables: {}, upgrade: false };

const contentOf = (input: Input, on: Known) => {
  const { workspace, module, script, variables: given = {} } = input;
  if (script !== undefined) return { ...nothing, ...scriptOf(input, on.catalogue) };
  const base =
    module === undefined
      ? asApplied(workspace, on.applied)
      : { ...nothing, ...moduleContent({ module, variables: given, upgrade: false }, on) };
  return { ...base, ...roleOf(input, on.catalogue) };
};

export const composed = startable<Input>({
  input: composedInput,
  entries: ['plan'],
  check: (input, catalogue) => {
    roleOf(input, catalogue);
    scriptOf(input, catalogue);
    if (input.module !== undefined) contentOf(input, { catalogue });
  },
  contentOf,
});
