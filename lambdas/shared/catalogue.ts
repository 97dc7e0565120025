import generated from './catalogue.generated.json';
import { type CatalogueVariable, catalogue } from './catalogue-schema';
import { checkPlainJson, shownName } from './check-plain-json';
import { checkVariableType } from './check-variable-type';
import type { Variables } from './contract';
import { InvalidInputError } from './errors';

export type ValidateVariables = (name: string, variables: Variables) => Variables;

interface Validators {
  readonly validateModuleVariables: ValidateVariables;
  readonly validateRoleVariables: ValidateVariables;
  readonly validateScriptParameters: ValidateVariables;
}

type Kind = 'module' | 'role' | 'script';
/** What people call the variables of each. */
const wordFor = { module: 'variable', role: 'variable', script: 'parameter' } as const;
type Entries = Readonly<Record<string, { readonly variables: Readonly<Record<string, CatalogueVariable>> }>>;

const listed = (names: readonly string[]): string => [...names].sort().join(', ') || 'none';

const validate = (kind: Kind, entries: Entries, name: string, given: Variables): Variables => {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (!entry)
    throw new InvalidInputError(
      `There is no ${kind} "${shownName(name)}" in the catalogue. Known: ${listed(Object.keys(entries))}.`,
    );
  checkPlainJson(given);
  const word = wordFor[kind];
  const known = entry.variables;
  for (const [key, value] of Object.entries(given)) {
    const variable = Object.hasOwn(known, key) ? known[key] : undefined;
    if (!variable)
      throw new InvalidInputError(
        `The ${kind} ${name} has no ${word} "${shownName(key)}". Known: ${listed(Object.keys(known))}.`,
      );
    if (variable.sensitive)
      throw new InvalidInputError(
        `The ${word} ${key} of the ${kind} ${name} is a secret and cannot be given in an input, which is stored and shown. Leave it out.`,
      );
    if (value === null && variable.nullable) continue;
    checkVariableType(variable.type, value, `The ${word} ${key} of the ${kind} ${name}`);
  }
  const missing = Object.keys(known).filter((key) => known[key]?.required && !Object.hasOwn(given, key));
  if (missing.length > 0)
    throw new InvalidInputError(`The ${kind} ${name} needs ${listed(missing)}. Add it to the ${word}s.`);
  return given;
};

/** Checks of variables against one catalogue. */
export const makeValidators = ({
  modules,
  roles,
  scripts,
}: Record<'modules' | 'roles' | 'scripts', Entries>): Validators => ({
  validateModuleVariables: (name, given) => validate('module', modules, name, given),
  validateRoleVariables: (name, given) => validate('role', roles, name, given),
  validateScriptParameters: (name, given) => validate('script', scripts, name, given),
});

const known = catalogue.parse(generated);
const validators = makeValidators(known);

/** The digest of what the catalogue has by a name; `undefined` when it has nothing. */
export const catalogueDigests = {
  module: (name: string): string | undefined =>
    Object.hasOwn(known.modules, name) ? known.modules[name]?.digest : undefined,
  role: (name: string): string | undefined =>
    Object.hasOwn(known.roles, name) ? known.roles[name]?.digest : undefined,
  script: (name: string): string | undefined =>
    Object.hasOwn(known.scripts, name) ? known.scripts[name]?.digest : undefined,
};

/**
 * Checks a module's variables against the catalogue and returns them as they are.
 *
 * @throws InvalidInputError naming the variable, what was expected, and the known names; never a value.
 */
export const validateModuleVariables = validators.validateModuleVariables;

/** Checks a role's variables, those of the roles that it depends on included; see `validateModuleVariables`. */
export const validateRoleVariables = validators.validateRoleVariables;

/** Checks a script's parameters; see `validateModuleVariables`. */
export const validateScriptParameters = validators.validateScriptParameters;
