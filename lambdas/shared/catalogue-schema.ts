import * as z from 'zod';
import { sha256 } from './names';

/** The type of a variable, of Terraform or of Ansible alike. */
export type VariableType =
  | { readonly kind: 'any' | 'string' | 'number' | 'integer' | 'boolean' }
  | { readonly kind: 'list' | 'set' | 'map'; readonly of: VariableType }
  | { readonly kind: 'tuple'; readonly of: readonly VariableType[] }
  | {
      readonly kind: 'object';
      readonly attributes: Readonly<Record<string, VariableType>>;
      readonly optional: readonly string[];
    }
  /** One of these values; `of` is their type. */
  | { readonly kind: 'choice'; readonly of: VariableType; readonly choices: readonly (string | number)[] };

const variableType: z.ZodType<VariableType> = z.lazy(() =>
  z.union([
    z.strictObject({ kind: z.enum(['any', 'string', 'number', 'integer', 'boolean']) }),
    z.strictObject({ kind: z.enum(['list', 'set', 'map']), of: variableType }),
    z.strictObject({ kind: z.literal('tuple'), of: z.array(variableType) }),
    z.strictObject({
      kind: z.literal('object'),
      attributes: z.record(z.string(), variableType),
      optional: z.array(z.string()),
    }),
    z.strictObject({
      kind: z.literal('choice'),
      of: variableType,
      choices: z.array(z.union([z.string(), z.number()])),
    }),
  ]),
);

const catalogueVariable = z.strictObject({
  type: variableType,
  required: z.boolean(),
  /** What stands for it when it is not given; an Ansible default may be an expression. Absent: there is none. */
  default: z.json().optional(),
  /** `null` stands for "not given". */
  nullable: z.boolean(),
  /** A secret: never taken from an input. */
  sensitive: z.boolean(),
  description: z.string(),
});
export type CatalogueVariable = z.infer<typeof catalogueVariable>;

const entry = z.strictObject({
  /** One sentence. */
  description: z.string(),
  /** Of the files that run, as the runner computes it; a role's covers the roles that it depends on. */
  digest: sha256,
  variables: z.record(z.string(), catalogueVariable),
});

/** The modules, roles and scripts that may be run, with their variables; generated from their own files. */
export const catalogue = z.strictObject({
  version: z.literal(1),
  modules: z.record(
    z.string(),
    z.strictObject({
      ...entry.shape,
      /** Name to description. */
      outputs: z.record(z.string(), z.string()),
    }),
  ),
  /** A role's variables include those of the roles that it depends on. */
  roles: z.record(z.string(), z.strictObject({ ...entry.shape, dependencies: z.array(z.string()) })),
  /** A script's variables are its parameters. */
  scripts: z.record(z.string(), entry),
});
export type Catalogue = z.infer<typeof catalogue>;
