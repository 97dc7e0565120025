import * as z from 'zod';
import { shownName } from '../shared/check-plain-json';
import type { Variables } from '../shared/contract';
import { InvalidInputError } from '../shared/errors';
import type { Content } from './content';

/** What modules may be made of. Anything else is refused before OpenTofu may run it. */
export interface ModulePolicy {
  readonly providers: readonly string[];
  /** Data sources that only read through an allowed provider. */
  readonly dataSources: readonly string[];
  readonly provisioners: readonly string[];
}

const resource = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  provisioners: z.array(z.object({ type: z.string() })).optional(),
});
const variable = z.object({ sensitive: z.boolean().optional(), required: z.boolean().optional() });

/** The part of OpenTofu's JSON configuration that the policy reads; a plan carries it as `configuration`. */
export const moduleConfiguration = z.object({
  provider_config: z.record(z.string(), z.object({ full_name: z.string().optional() })).optional(),
  root_module: z.object({
    resources: z.array(resource).optional(),
    module_calls: z.record(z.string(), z.unknown()).optional(),
    variables: z.record(z.string(), variable).optional(),
  }),
});
export type ModuleConfiguration = z.infer<typeof moduleConfiguration>;

const allowedFile = /^(?:[a-z0-9][a-z0-9_-]*\.tf|[a-z0-9][a-z0-9_-]*\.tftpl|\.terraform\.lock\.hcl)$/;
const overrideFile = /^(?:.*_)?override\.tf$/;
/** A block begins its line, but for comments; comments may stand between its words too, and a label needs no quotes. */
const refusedBlock =
  /^(?:.*\*\/)?[ \t\ufeff]*(?:(provider|backend)(?:[ \t]|\/\*.*?\*\/)*(?:"|(?<=[ \t/])[A-Za-z_])|(cloud|encryption|import|removed)(?:[ \t]|\/\*.*?\*\/)*\{)/m;

/**
 * Refuses a module by its files: variables or overrides that nobody approved, its own backend or provider.
 *
 * @throws InvalidInputError
 */
export const checkModuleFiles = (module: Content): void => {
  const refuse = (why: string) => new InvalidInputError(`The module ${module.name} cannot be used: ${why}.`);
  for (const [path, bytes] of module.files) {
    if (!allowedFile.test(path)) throw refuse(`${path} is no file that a module may bring`);
    if (overrideFile.test(path)) throw refuse(`${path} overrides what stands in other files`);
    if (!path.endsWith('.tf')) continue;
    const found = refusedBlock.exec(bytes.toString('utf8'));
    if (found)
      throw refuse(`${path} has a block "${found[1] ?? found[2]}", which only the orchestrator sets`);
  }
  if (![...module.files.keys()].some((path) => path.endsWith('.tf'))) throw refuse('it has no .tf file');
};

/**
 * Refuses a module by what it would run.
 *
 * @throws InvalidInputError naming the first thing that the policy does not allow.
 */
export const checkModuleConfiguration = (
  module: string,
  configuration: ModuleConfiguration,
  policy: ModulePolicy,
): void => {
  const refuse = (why: string) => new InvalidInputError(`The module ${module} cannot be used: ${why}.`);
  for (const [name, { full_name: provider }] of Object.entries(configuration.provider_config ?? {}))
    if (!policy.providers.includes(provider ?? name))
      throw refuse(`the provider ${provider ?? name} is not allowed`);
  const root = configuration.root_module;
  const call = Object.keys(root.module_calls ?? {})[0];
  if (call !== undefined)
    throw refuse(`it calls the module "${call}"; a module of the catalogue stands alone`);
  for (const found of root.resources ?? []) {
    if (found.mode !== 'managed' && !policy.dataSources.includes(found.type))
      throw refuse(`${found.address} reads through a data source that is not allowed`);
    const provisioner = found.provisioners?.find(({ type }) => !policy.provisioners.includes(type));
    if (provisioner) throw refuse(`${found.address} has a provisioner "${provisioner.type}"`);
  }
};

/**
 * Holds variables against what the module itself declares. OpenTofu checks their types; a name that it does not know
 * it would pass over.
 *
 * @throws InvalidInputError naming the variables, never a value.
 */
export const checkVariableNames = (
  module: string,
  { root_module: { variables: declared = {} } }: ModuleConfiguration,
  given: Variables,
): void => {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(declared, name));
  if (unknown !== undefined)
    throw new InvalidInputError(
      `The module ${module} has no variable "${shownName(unknown)}" in the version that is used. Known: ${Object.keys(declared).sort().join(', ')}.`,
    );
  const missing = Object.keys(declared).filter(
    (name) => declared[name]?.required && !Object.hasOwn(given, name),
  );
  if (missing.length > 0)
    throw new InvalidInputError(
      `The module ${module} needs ${missing.sort().join(', ')}. Add it to the variables.`,
    );
};
