import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { sha256Hex } from '../../shared/digest';
import { TransientError } from '../../shared/errors';
import { CredentialRefusedError } from '../errors';
import type { KvEntries, Version } from '../openbao/kv-entries';
import { parseValue } from '../openbao/parse-value';
import type { Strategy } from '../strategy';

/** What a client sends, and the entry by which the other side knows it. Other fields are kept as they are. */
const ApiKey = z.looseObject({
  key: z.string().min(20).max(4096),
  /** The path of the entry in the same engine. */
  accepted_at: z.string().min(1).max(512),
});

/** What the other side reads: SHA-256 of each key that it accepts. Other fields are kept as they are. */
const Accepted = z.looseObject({ accepted: z.array(z.string()).default([]) });

const MAX_CONFLICTS = 5;

const read = (value: string) => {
  const { key, accepted_at: path } = parseValue(ApiKey, value, 'an API key');
  // A key of 256 random bits is not guessed from its digest.
  return { path, digest: sha256Hex(key) };
};

/**
 * An API key between two of one's own services, where both read OpenBao or Vault: the client reads the key, and the
 * other side the digests of the keys that it accepts. It works with the token that the store is read with.
 *
 * Nobody writes down who sent which key, so nobody is named, and the overlap alone is waited for.
 */
export const makeVaultKv = (entries: KvEntries): Strategy => {
  const acceptedAt = async (path: string) => {
    const entry: Version | undefined = await entries.read(path);
    return { number: entry?.number ?? 0, fields: Accepted.parse(entry?.fields ?? {}) };
  };
  /** @throws CredentialRefusedError where the entry does not hold the digest of `current` */
  const change = async (current: string, turn: (digests: readonly string[]) => readonly string[]) => {
    const { path, digest } = read(current);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const { number, fields } = await acceptedAt(path);
      if (!fields.accepted.includes(digest))
        throw new CredentialRefusedError(
          `The entry ${path} does not accept the current key: the field accepted lacks its SHA-256.`,
        );
      const accepted = turn(fields.accepted);
      if (accepted.length === fields.accepted.length) return;
      if ((await entries.write(path, { ...fields, accepted }, number)) !== undefined) return;
    }
    throw new TransientError(`Others write ${path} at the same moment. Try again.`);
  };
  const works: Strategy['works'] = async (value) => {
    const { path, digest } = read(value);
    return (await acceptedAt(path)).fields.accepted.includes(digest);
  };
  return {
    name: 'vault-kv',
    works,
    make: (current) =>
      JSON.stringify({
        ...parseValue(ApiKey, current, 'an API key'),
        key: randomBytes(32).toString('base64url'),
      }),
    set: ({ current, pending }) => {
      const { digest } = read(pending);
      return change(current, (accepted) => (accepted.includes(digest) ? accepted : [...accepted, digest]));
    },
    test: async ({ pending }) => {
      if (await works(pending)) return;
      throw new CredentialRefusedError(`The entry ${read(pending).path} does not accept the next key.`);
    },
    // Nobody is said to use it only where the server can be asked.
    users: async (previous) => {
      await works(previous);
      return [];
    },
    retire: ({ retired, current }) => {
      const [old, now] = [read(retired).digest, read(current).digest];
      return change(current, (accepted) => accepted.filter((digest) => digest !== old || digest === now));
    },
  };
};
