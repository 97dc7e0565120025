import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readContent } from '../lambdas/runners/content';
import { readRole } from '../lambdas/runners/role-content';
import { readScript } from '../lambdas/runners/script-content';
import type { Catalogue, CatalogueVariable, VariableType } from '../lambdas/shared/catalogue-schema';

/** Key order would differ between file systems and tool versions; sorted, a regenerated file is the same. */
const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** A type as OpenTofu writes it: `"string"`, `["list", "string"]`, `["object", {…}, ["optional"]]`. */
export const terraformType = (type: unknown): VariableType => {
  if (type === undefined || type === 'dynamic') return { kind: 'any' };
  if (type === 'string' || type === 'number') return { kind: type };
  if (type === 'bool') return { kind: 'boolean' };
  const [kind, of, optional] = z.tuple([z.string(), z.unknown()]).rest(z.unknown()).parse(type);
  if (kind === 'list' || kind === 'set' || kind === 'map') return { kind, of: terraformType(of) };
  if (kind === 'tuple') return { kind, of: z.array(z.unknown()).parse(of).map(terraformType) };
  if (kind === 'object')
    return {
      kind,
      attributes: sorted(
        Object.entries(z.record(z.string(), z.unknown()).parse(of)).map(
          ([name, attribute]) => [name, terraformType(attribute)] as const,
        ),
      ),
      optional: z.array(z.string()).default([]).parse(optional),
    };
  throw new Error(`OpenTofu's type "${kind}" is not known here.`);
};

const moduleConfiguration = z.object({
  root_module: z.object({
    outputs: z.record(z.string(), z.looseObject({ description: z.string().default('') })).default({}),
    variables: z
      .record(
        z.string(),
        z.looseObject({
          type: z.unknown().optional(),
          default: z.json().optional(),
          description: z.string().default(''),
          required: z.boolean().default(false),
          sensitive: z.boolean().default(false),
        }),
      )
      .default({}),
  }),
});

/** A module's variables and outputs, as OpenTofu itself reads them; neither providers nor a state are needed. */
export const moduleInterface = (
  tofu: string,
  folder: string,
): Pick<Catalogue['modules'][string], 'variables' | 'outputs'> => {
  const scratch = mkdtempSync(join(tmpdir(), 'catalogue-'));
  try {
    const cliConfiguration = join(scratch, 'tofu.rc');
    writeFileSync(cliConfiguration, '');
    const output = execFileSync(tofu, ['show', '-json', `-module=${folder}`], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: scratch,
        TF_CLI_CONFIG_FILE: cliConfiguration,
        TF_DATA_DIR: scratch,
      },
    });
    const { variables, outputs } = moduleConfiguration.parse(JSON.parse(output)).root_module;
    return {
      variables: sorted(
        Object.entries(variables).map(([name, variable]) => [
          name,
          {
            type: terraformType(variable.type),
            required: variable.required,
            ...(variable.default !== undefined && { default: variable.default }),
            nullable: variable.default === null,
            sensitive: variable.sensitive,
            description: variable.description,
          },
        ]),
      ),
      outputs: sorted(Object.entries(outputs).map(([name, { description }]) => [name, description])),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

type Json = z.infer<ReturnType<typeof z.json>>;
interface Option {
  type: string;
  default?: Json | undefined;
  elements?: string | undefined;
  required: boolean;
  no_log: boolean;
  choices?: (string | number)[] | undefined;
  options?: Record<string, Option> | undefined;
  description: string;
}
const option: z.ZodType<Option> = z.lazy(() =>
  z.looseObject({
    type: z.string().default('str'),
    default: z.json().optional(),
    elements: z.string().optional(),
    required: z.boolean().default(false),
    no_log: z.boolean().default(false),
    choices: z.array(z.union([z.string(), z.number()])).optional(),
    options: z.record(z.string(), option).optional(),
    description: z
      .union([z.string(), z.array(z.string())])
      .default('')
      .transform((text) => (typeof text === 'string' ? text : text.join(' '))),
  }),
);

const ansibleScalars: Readonly<Record<string, VariableType>> = {
  str: { kind: 'string' },
  path: { kind: 'string' },
  int: { kind: 'integer' },
  float: { kind: 'number' },
  bool: { kind: 'boolean' },
  raw: { kind: 'any' },
};

/** A type as `argument_specs.yml` writes it. */
export const ansibleType = (spec: Option): VariableType => {
  const named = (name: string): VariableType => {
    if (name === 'list')
      return {
        kind: 'list',
        of:
          spec.elements === undefined
            ? { kind: 'any' }
            : ansibleType({ ...spec, type: spec.elements, elements: undefined }),
      };
    if (name === 'dict')
      return spec.options
        ? {
            kind: 'object',
            attributes: sorted(
              Object.entries(spec.options).map(([key, inner]) => [key, ansibleType(inner)] as const),
            ),
            optional: Object.entries(spec.options).flatMap(([key, inner]) => (inner.required ? [] : [key])),
          }
        : { kind: 'map', of: { kind: 'any' } };
    const scalar = ansibleScalars[name];
    if (!scalar) throw new Error(`Ansible's type "${name}" is not known here.`);
    return scalar;
  };
  const type = named(spec.type);
  return spec.choices && type.kind !== 'list' ? { kind: 'choice', of: type, choices: spec.choices } : type;
};

const argumentSpecs = z.object({
  argument_specs: z.object({ main: z.object({ options: z.record(z.string(), option).default({}) }) }),
});
const roleMeta = z.object({
  galaxy_info: z.object({ description: z.string() }),
  dependencies: z
    .array(z.union([z.string(), z.object({ role: z.string() }).transform(({ role }) => role)]))
    .default([]),
});

const readYaml = (path: string): unknown => (existsSync(path) ? parse(readFileSync(path, 'utf8')) : {});

/** A variable as `argument_specs.yml` describes it; its default may stand elsewhere. */
const variableOf = (spec: Option, elsewhere?: Json): CatalogueVariable => {
  const given = elsewhere ?? spec.default;
  return {
    type: ansibleType(spec),
    required: spec.required,
    ...(given !== undefined && { default: given }),
    nullable: false,
    sensitive: spec.no_log,
    description: spec.description,
  };
};

const roleVariables = (rolesFolder: string, role: string, dependencies: readonly string[]) => {
  const folder = join(rolesFolder, role);
  const { options } = argumentSpecs.parse(readYaml(join(folder, 'meta', 'argument_specs.yml'))).argument_specs
    .main;
  const defaults = z.record(z.string(), z.json()).parse(readYaml(join(folder, 'defaults', 'main.yml')) ?? {});
  const own = Object.entries(options).map(
    ([name, spec]) => [name, variableOf(spec, defaults[name])] as const,
  );
  const inherited = dependencies.flatMap((needed): [string, CatalogueVariable][] =>
    Object.entries(
      roleVariables(rolesFolder, needed, roleMeta.parse(readYaml(metaOf(rolesFolder, needed))).dependencies),
    ),
  );
  return sorted([...inherited, ...own]);
};

const metaOf = (rolesFolder: string, role: string): string => join(rolesFolder, role, 'meta', 'main.yml');

/** A role's entry; its variables and its digest cover the roles that it depends on. */
export const roleEntry = async (root: string, role: string): Promise<Catalogue['roles'][string]> => {
  const folder = join(root, 'ansible', 'roles');
  const { dependencies, galaxy_info: info } = roleMeta.parse(readYaml(metaOf(folder, role)));
  return {
    description: info.description,
    digest: (await readRole(root, role)).digest,
    dependencies,
    variables: roleVariables(folder, role, dependencies),
  };
};

/** What a module says about itself: the first sentence below its README's title. */
const firstSentence = (readme: string): string => {
  const found = /^# .*\n\n(.+?\.)(?:\s|$)/.exec(readme);
  if (!found?.[1]) throw new Error('A README begins with its title and a sentence that says what it is.');
  // A link leads nowhere from another page.
  return found[1].replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
};

const moduleEntry = async (
  root: string,
  tofu: string,
  name: string,
): Promise<Catalogue['modules'][string]> => {
  const folder = join(root, 'terraform', 'modules', name);
  return {
    description: firstSentence(readFileSync(join(folder, 'README.md'), 'utf8')),
    digest: (await readContent(root, 'module', name)).digest,
    ...moduleInterface(tofu, folder),
  };
};

const scriptEntry = async (root: string, name: string): Promise<Catalogue['scripts'][string]> => {
  const { content, manifest } = await readScript(root, name);
  const parameters = z.record(z.string(), option).parse(manifest.parameters);
  return {
    description: manifest.description,
    digest: content.digest,
    variables: sorted(Object.entries(parameters).map(([key, spec]) => [key, variableOf(spec)] as const)),
  };
};

const entriesOf = async <T>(folder: string, read: (name: string) => Promise<T>): Promise<Record<string, T>> =>
  sorted(await Promise.all(foldersIn(folder).map(async (name) => [name, await read(name)] as const)));

/** The whole catalogue, from the files under `root`. */
export const readCatalogue = async (root: string, tofu: string): Promise<Catalogue> => ({
  version: 1,
  modules: await entriesOf(join(root, 'terraform', 'modules'), (name) => moduleEntry(root, tofu, name)),
  roles: await entriesOf(join(root, 'ansible', 'roles'), (name) => roleEntry(root, name)),
  scripts: await entriesOf(join(root, 'script-steps'), (name) => scriptEntry(root, name)),
});
