import * as z from 'zod';
import type { Tags } from './credential-store';
import { CredentialTagsError } from './errors';

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));

/** What the tags of a secret say; other tags are nobody's business here. */
const Tagged = z.object({
  'rotation-strategy': z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  'rotation-days': whole(1, 365),
  owner: z.string().min(1).max(256),
  consumers: z.string().max(256).default(''),
  'rotation-overlap': whole(0, 2_764_800).default(3600),
});

/** How a secret is rotated. */
export interface Credential {
  readonly id: string;
  readonly strategy: string;
  /** Days after which it is due, 1 to 365. */
  readonly days: number;
  /** Whom to ask about it. */
  readonly owner: string;
  readonly consumers: readonly string[];
  /** What a consumer holds may be this much behind: the previous version stays valid at least so long. */
  readonly overlapSeconds: number;
}

/**
 * Reads the tags of a secret: `rotation-strategy`, `rotation-days` (1 to 365), `owner`, `consumers` (separated by
 * spaces), `rotation-overlap` (seconds up to 32 days, longer than anybody waits for an answer; 3600 where it is absent).
 * @throws CredentialTagsError naming the tags, never what stands in them.
 */
export const credentialOf = (id: string, tags: Tags): Credential => {
  const read = Tagged.safeParse(tags);
  if (!read.success) {
    const wrong = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))].join(', ');
    throw new CredentialTagsError(
      `The secret ${id} cannot be rotated: its tags ${wrong} are missing or wrong. ` +
        'rotation-strategy names a strategy, rotation-days is 1 to 365, owner says whom to ask, ' +
        'rotation-overlap is 0 to 2764800 seconds. Correct the tags; nothing was changed.',
    );
  }
  const said = read.data;
  return {
    id,
    strategy: said['rotation-strategy'],
    days: said['rotation-days'],
    owner: said.owner,
    consumers: said.consumers.split(' ').filter((one) => one !== ''),
    overlapSeconds: said['rotation-overlap'],
  };
};
