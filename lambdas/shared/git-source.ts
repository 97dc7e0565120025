import * as z from 'zod';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const segment = '[A-Za-z0-9_](?:[A-Za-z0-9_-]|\\.(?!\\.)){0,99}';

/**
 * A module of a user's own, in a Git repository at one commit. The grammar leaves nothing to interpret: no user, no
 * query, no option, no other scheme, no address for a name, no way up.
 */
export const gitSource = z.strictObject({
  git: z
    .string()
    .max(400)
    .regex(
      new RegExp(`^https://(?:${label}\\.)+[a-z]{2,63}(?::[1-9][0-9]{0,4})?(?:/${segment}){1,6}$`),
      'write it as https://host.example/owner/repository.git, without a user',
    ),
  commit: z.string().regex(/^[0-9a-f]{40}$/, 'the whole commit, 40 hex digits; no branch, no tag'),
  path: z
    .string()
    .max(400)
    .regex(/^(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,99}(?:\/[A-Za-z0-9_][A-Za-z0-9_-]{0,99}){0,9})?$/, 'a folder')
    .default(''),
});
export type GitSource = z.infer<typeof gitSource>;
