import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { readFromSecretsManager } from '../credential-client/secrets-manager';
import { SourceUnavailableError } from '../shared/errors';

/** What a repository that is not public is asked with. */
export interface GitAuthorization {
  /** For the one request, never for an address. */
  readonly header: string;
  /** What no log and no message may show. */
  readonly secrets: readonly string[];
}

export type ReadGitCredentials = (secretId: string) => Promise<GitAuthorization>;

const plain = /^[^\p{Cc}]*$/u;
const credentials = z.object({
  username: z.string().min(1).max(256).regex(plain),
  password: z.string().min(1).max(4096).regex(plain),
});

/** Reads a user and a password, or a token in its place, from a secret. */
export const makeReadGitCredentials =
  (client: Pick<SecretsManagerClient, 'send'>): ReadGitCredentials =>
  async (secretId) => {
    try {
      const { username, password } = credentials.parse(
        JSON.parse((await readFromSecretsManager(client, secretId)('current')) ?? ''),
      );
      const encoded = Buffer.from(`${username}:${password}`).toString('base64');
      return { header: `Authorization: Basic ${encoded}`, secrets: [password, encoded] };
    } catch (cause) {
      throw new SourceUnavailableError(
        `The credentials of the repository cannot be read from the secret ${secretId}. It must exist, and hold {"username": …, "password": …}.`,
        { cause },
      );
    }
  };
