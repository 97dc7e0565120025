import { parse } from 'yaml';
import * as z from 'zod';
import { type Variables, variables } from '../shared/contract';
import { InvalidInputError } from '../shared/errors';
import { sha256 } from '../shared/names';
import type { RoleContent } from './role-content';

const abilitiesFile = 'meta/orchestrator.yml';

const abilities = z.strictObject({
  /** Variables that take the role's last change back. */
  going_back: variables.optional(),
  /** Archives of the release store that lie beside the play, unless the role gets them itself. */
  archives: z
    .array(
      z.strictObject({
        /** The variable that holds the SHA-256. */
        digest: z.string(),
        /** The variable that, when it is not empty, says where else it comes from. */
        unless: z.string().optional(),
      }),
    )
    .max(10)
    .default([]),
});

/** What may be done with a role beyond playing it, as it declares itself in `meta/orchestrator.yml`. */
export type RoleAbilities = z.infer<typeof abilities>;

/** @throws InvalidInputError when the declaration is malformed. */
export const abilitiesOf = ({ name, roles }: RoleContent): RoleAbilities => {
  const file = roles.find((role) => role.name === name)?.files.get(abilitiesFile);
  const parsed = abilities.safeParse(file ? parse(file.toString('utf8')) : {});
  if (!parsed.success)
    throw new InvalidInputError(
      `The role ${name} cannot be used: its ${abilitiesFile} is malformed. Correct it in the catalogue.`,
    );
  return parsed.data;
};

/** @throws InvalidInputError when the role declares no way back. */
export const goingBack = (role: RoleContent): Variables => {
  const { going_back: way } = abilitiesOf(role);
  if (!way)
    throw new InvalidInputError(
      `The role ${role.name} cannot go back: its ${abilitiesFile} names no variables for that. Play the role with its earlier variables instead.`,
    );
  return way;
};

/** The digests of the archives that a play of this role needs with these variables. */
export const neededArchives = (role: RoleContent, given: Variables): string[] =>
  abilitiesOf(role).archives.flatMap(({ digest, unless }) => {
    if (unless !== undefined && given[unless] !== undefined && given[unless] !== '') return [];
    const parsed = sha256.safeParse(given[digest]);
    if (!parsed.success)
      throw new InvalidInputError(
        `The variable ${digest} of the role ${role.name} must be a SHA-256 in lower-case hex.`,
      );
    return [parsed.data];
  });
