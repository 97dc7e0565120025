import { parse } from 'yaml';
import * as z from 'zod';
import { digestOf } from '../shared/digest';
import { InvalidInputError } from '../shared/errors';
import { segment } from '../shared/names';
import { type Content, readContent } from './content';

/** A role with all roles that it depends on: whatever Ansible will find when it plays the role. */
export interface RoleContent {
  readonly name: string;
  /** In the order in which they are played: dependencies first. */
  readonly roles: readonly Content[];
  /** SHA-256 over the names and digests of all of them. */
  readonly digest: string;
}

const dependency = z.union([
  segment,
  z.strictObject({ role: segment }).transform(({ role }) => role),
  z.strictObject({ name: segment }).transform(({ name }) => name),
]);
const meta = z.object({ dependencies: z.array(dependency).nullish() });

const dependenciesOf = (role: Content): string[] => {
  const file = role.files.get('meta/main.yml');
  if (!file) return [];
  const parsed = meta.safeParse(parse(file.toString('utf8')) ?? {});
  if (!parsed.success)
    throw new InvalidInputError(
      `The role ${role.name} cannot be used: its dependencies must be names of roles of the catalogue.`,
    );
  return parsed.data.dependencies ?? [];
};

/** Roles in the order in which they are played, as the content of the last one. */
export const roleOf = (name: string, roles: readonly Content[]): RoleContent => ({
  name,
  roles,
  digest: digestOf(roles.map((role) => [role.name, role.digest])),
});

/**
 * Reads a role of the catalogue and those that it depends on.
 *
 * @throws InvalidInputError when one is unknown, malformed or depends on itself.
 */
export const readRole = async (root: string, name: string): Promise<RoleContent> => {
  const roles: Content[] = [];
  const visit = async (wanted: string, path: readonly string[]): Promise<void> => {
    if (path.includes(wanted))
      throw new InvalidInputError(`The role ${name} cannot be used: ${wanted} depends on itself.`);
    if (roles.some((known) => known.name === wanted)) return;
    const role = await readContent(root, 'role', wanted);
    for (const needed of dependenciesOf(role)) await visit(needed, [...path, wanted]);
    roles.push(role);
  };
  await visit(name, []);
  return roleOf(name, roles);
};
