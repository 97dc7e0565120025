import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Host, Variables } from '../shared/contract';
import { ForeignSecretError, InvalidInputError } from '../shared/errors';
import { newPassword } from '../shared/new-password';
import type { RoleContent } from './role-content';
import type { SecretStore, StoredSecret } from './secret-store';

const template = z.string().min(1).max(300);
const declaration = z.strictObject({
  /** What it is called below its workspace. */
  name: template,
  /** What it holds beside the password. */
  value: z.looseObject({ username: template }).catchall(template),
  /** Logins that it may hold: a rotation changes over from one to another. */
  usernames: z.array(template).min(1),
  tags: z.record(z.string(), template),
});
const credential = z.looseObject({ username: z.string(), password: z.string().min(16) });

interface Wanted {
  readonly role: RoleContent;
  readonly variables: Variables;
  readonly workspace: string;
  /** Those that the role is played on. */
  readonly hosts: readonly Host[];
  /** A preview makes nothing: in the place of a secret that is not there yet it gets one that is thrown away. */
  readonly check: boolean;
}

export interface RoleSecrets {
  readonly variables: Variables;
  /** What no log may show. */
  readonly passwords: readonly string[];
}

const yamlOf = (role: RoleContent, path: string): unknown => {
  const file = role.roles.at(-1)?.files.get(path);
  return (file && parse(file.toString('utf8'))) ?? {};
};

/** Fills `{…}` with variables of the role, and with what is known of where it is played. */
const makeFill = ({ role, variables, hosts }: Wanted) => {
  const defaults = z.record(z.string(), z.json()).parse(yamlOf(role, 'defaults/main.yml'));
  const known: Variables = { ...defaults, ...variables, host: hosts[0]?.address ?? null };
  return (text: string): string =>
    text.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) => {
      const value = known[name] ?? null;
      if (value === null)
        throw new InvalidInputError(
          `The role ${role.name} needs the variable ${name}, which its secret is made with. Give it.`,
        );
      return Array.isArray(value) ? value.join(' ') : String(value);
    });
};

const checked = (what: string, value: string, pattern: RegExp): string => {
  if (!pattern.test(value))
    throw new InvalidInputError(
      `"${value.slice(0, 80)}" cannot be the ${what} of a secret: use letters, digits and ${what === 'name' ? '"_" or "-"' : 'spaces or + - = . _ : / @'}.`,
    );
  return value;
};

const jsonOf = (value: string | undefined): unknown => {
  try {
    return JSON.parse(value ?? '');
  } catch {
    return undefined;
  }
};

/** The login that a secret holds, where it is this workspace's own. */
const ownLogin = (id: string, { tags, value }: StoredSecret, workspace: string, usernames: string[]) => {
  const found = credential.safeParse(jsonOf(value)).data;
  const why =
    tags.workspace !== workspace
      ? `is not tagged as one of the workspace ${workspace}`
      : found === undefined
        ? 'is being deleted, or holds no username and password'
        : usernames.includes(found.username)
          ? undefined
          : 'holds a login of another name';
  if (found === undefined || why !== undefined)
    throw new ForeignSecretError(
      `The secret ${id} exists and ${why}. It was not changed, and nothing was done on a host. Find out whose it is; then choose another name, or delete it.`,
    );
  return { username: found.username, password: found.password };
};

/**
 * The secrets that a role declares in `meta/secrets.yml`, as variables for its play: what is not there is made, what is
 * there keeps its login. A change binds the role and the variables that name a secret, and never its value.
 *
 * @throws ForeignSecretError where a secret of that name is somebody else's; InvalidInputError
 */
export const resolveRoleSecrets = async (store: SecretStore, wanted: Wanted): Promise<RoleSecrets> => {
  const { role, workspace, hosts, check } = wanted;
  const declared = z.record(z.string(), declaration).parse(yamlOf(role, 'meta/secrets.yml'));
  if (Object.keys(declared).length === 0 || hosts.length === 0) return { variables: {}, passwords: [] };
  if (hosts.length > 1)
    throw new InvalidInputError(
      `The role ${role.name} is for one host, which its secret names, and not for ${hosts.map(({ name }) => name).join(', ')}. Name one.`,
    );
  const fill = makeFill(wanted);
  const fillAll = (given: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(given).map(([key, text]) => [key, fill(text)]));

  const variables: Record<string, Record<string, string>> = {};
  for (const [variable, { name, value, usernames, tags }] of Object.entries(declared)) {
    const id = `${workspace}/${checked('name', fill(name), /^[A-Za-z0-9_-]{1,64}$/)}`;
    const stored = await store.find(id);
    const login = stored ? ownLogin(id, stored, workspace, usernames.map(fill)) : { password: newPassword() };
    const filled = { ...fillAll(value), ...login };
    const labels = { ...fillAll(tags), workspace };
    for (const label of Object.values(labels)) checked('tag', label, /^[A-Za-z0-9 +\-=._:/@]{0,256}$/);
    // The order of fields and blanks are no reason for another version, which would move the labels of a rotation.
    const text =
      stored?.value && isDeepStrictEqual(jsonOf(stored.value), filled)
        ? stored.value
        : JSON.stringify(filled);
    if (!check && stored) await store.update(id, stored, text, labels);
    if (!check && !stored) await store.create(id, text, labels);
    variables[variable] = filled;
  }
  return { variables, passwords: Object.values(variables).flatMap(({ password }) => password ?? []) };
};
