import { parse } from 'yaml';
import * as z from 'zod';
import type { Variables } from '../shared/contract';
import { InvalidInputError } from '../shared/errors';
import { plainText } from '../shared/plain-text';
import type { PlayDocument } from '../shared/play-document';
import { masked, scalarsOf, soundsSecret } from './masking';
import type { RoleContent } from './role-content';

type Json = Variables[string];

const argumentSpecs = z.object({
  argument_specs: z
    .record(
      z.string(),
      z.object({ options: z.record(z.string(), z.object({ no_log: z.boolean().optional() })).optional() }),
    )
    .optional(),
});

/**
 * Refuses variables that are not the role's own or of a role that it depends on: everything else that Ansible knows by a name (`ansible_connection`,
 * `hostvars`) would change how it runs, and not what it configures.
 *
 * @throws InvalidInputError
 */
export const checkRoleVariables = (role: RoleContent, variables: Variables): void => {
  const prefixes = role.roles.map(({ name }) => `${name.replaceAll('-', '_')}_`);
  const refuse = (name: string, why: string) =>
    new InvalidInputError(
      `The variable ${plainText(name, 80)} cannot be given to the role ${role.name}: ${why}.`,
    );
  const checkKeys = (name: string, value: Json): void => {
    if (Array.isArray(value)) for (const item of value) checkKeys(name, item);
    else if (value !== null && typeof value === 'object')
      for (const [key, item] of Object.entries(value)) {
        if (key.startsWith('__ansible') || /\{[{%#]/.test(key))
          throw refuse(name, 'it has a key that means something to Ansible');
        checkKeys(name, item);
      }
  };
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || !prefixes.some((prefix) => name.startsWith(prefix)))
      throw refuse(name, `its variables begin with ${prefixes.join(' or ')}`);
    checkKeys(name, value);
  }
};

/** The names of variables that the role, or one that it depends on, declares as secret. */
export const secretVariables = ({ roles }: RoleContent): ReadonlySet<string> =>
  new Set(
    roles.flatMap(({ files }) => {
      const file = files.get('meta/argument_specs.yml');
      if (!file) return [];
      const { argument_specs: specs } = argumentSpecs.parse(parse(file.toString('utf8')));
      return Object.values(specs ?? {}).flatMap(({ options }) =>
        Object.entries(options ?? {}).flatMap(([name, { no_log }]) => (no_log ? [name] : [])),
      );
    }),
  );

/** Values as Ansible's JSON for text that is never a template: `{{ … }}` in a value stays what it is. */
export const asUnsafe = (value: Json): Json => {
  if (typeof value === 'string') return { __ansible_unsafe: value };
  if (Array.isArray(value)) return value.map(asUnsafe);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asUnsafe(item)]));
  return value;
};

/** Calls back for each value that is secret by its name, or by the name of what it stands in. */
const hideSecrets = (value: Json, isSecret: boolean, onSecret: (value: Json) => void): Json => {
  if (isSecret) {
    onSecret(value);
    return masked;
  }
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, false, onSecret));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, hideSecrets(item, soundsSecret(key), onSecret)]),
    );
  return value;
};

/** Variables for people, and the values that nobody may read in a log: at whatever depth they stand. */
export const shownVariables = (
  variables: Variables,
  secret: ReadonlySet<string>,
): { shown: PlayDocument['variables']; secrets: string[] } => {
  const secrets: string[] = [];
  const shown = Object.entries(variables).map(([name, value]) => {
    const open = hideSecrets(value, secret.has(name) || soundsSecret(name), (hidden) =>
      secrets.push(...scalarsOf(hidden)),
    );
    return { name, value: plainText(typeof open === 'string' ? open : JSON.stringify(open), 4000) };
  });
  return { shown, secrets };
};
