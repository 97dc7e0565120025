import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Catalogue, CatalogueVariable, VariableType } from '../lambdas/shared/catalogue-schema';

type CatalogueVariables = Record<string, CatalogueVariable>;

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
    variables: z
      .record(
        z.string(),
        z.looseObject({
          type: z.unknown().optional(),
          default: z.unknown().optional(),
          description: z.string().default(''),
          required: z.boolean().default(false),
          sensitive: z.boolean().default(false),
        }),
      )
      .default({}),
  }),
});

/** The variables of a module, as OpenTofu itself reads them; neither providers nor a state are needed. */
export const moduleVariables = (tofu: string, folder: string): CatalogueVariables => {
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
    const { variables } = moduleConfiguration.parse(JSON.parse(output)).root_module;
    return sorted(
      Object.entries(variables).map(([name, variable]) => [
        name,
        {
          type: terraformType(variable.type),
          required: variable.required,
          nullable: variable.default === null,
          sensitive: variable.sensitive,
          description: variable.description,
        },
      ]),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

interface Option {
  type: string;
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
  dependencies: z
    .array(z.union([z.string(), z.object({ role: z.string() }).transform(({ role }) => role)]))
    .default([]),
});

const readYaml = (path: string): unknown => (existsSync(path) ? parse(readFileSync(path, 'utf8')) : {});

/** A role's dependencies and variables, those of its dependencies included. */
export const roleEntry = (rolesFolder: string, role: string): Catalogue['roles'][string] => {
  const meta = join(rolesFolder, role, 'meta');
  const { dependencies } = roleMeta.parse(readYaml(join(meta, 'main.yml')));
  const { options } = argumentSpecs.parse(readYaml(join(meta, 'argument_specs.yml'))).argument_specs.main;
  const own = Object.entries(options).map(([name, spec]): [string, CatalogueVariable] => [
    name,
    {
      type: ansibleType(spec),
      required: spec.required,
      nullable: false,
      sensitive: spec.no_log,
      description: spec.description,
    },
  ]);
  const inherited = dependencies.flatMap((needed) =>
    Object.entries(roleEntry(rolesFolder, needed).variables),
  );
  return { dependencies, variables: sorted([...inherited, ...own]) };
};

/** The whole catalogue, from the files under `root`. */
export const readCatalogue = (root: string, tofu: string): Catalogue => {
  const modules = join(root, 'terraform', 'modules');
  const roles = join(root, 'ansible', 'roles');
  return {
    version: 1,
    modules: sorted(
      foldersIn(modules).map(
        (name) => [name, { variables: moduleVariables(tofu, join(modules, name)) }] as const,
      ),
    ),
    roles: sorted(foldersIn(roles).map((name) => [name, roleEntry(roles, name)] as const)),
  };
};
