import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type CredentialClient, makeCredentialClient } from '../credential-client/credential-client';
import { readFromSecretsManager } from '../credential-client/secrets-manager';
import { logger } from './logger';

interface Options {
  /** @default 300 */
  readonly maxAgeSeconds?: number;
}

/** A secret as steps use it: once for each function instance, so that what it holds is shared. */
export const makeStoredCredential = (
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
  options: Options = {},
): CredentialClient =>
  makeCredentialClient({
    ...options,
    read: readFromSecretsManager(client, secretId),
    onEvent: (event) => {
      // Whoever sends signatures that are not ours does not fill the log.
      if (event.type === 'unknown-signature') return;
      const { type, ...known } = event;
      logger.warn(
        type === 'refused'
          ? 'a credential was refused, with all values that are known of it'
          : 'a credential could not be read again; what is held is used on',
        { secretId, ...known },
      );
    },
  });
