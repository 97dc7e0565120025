import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { CredentialClientOptions } from './credential-client';

const labels = { current: 'AWSCURRENT', previous: 'AWSPREVIOUS' } as const;

/** For one question, with all that the SDK tries again. */
const mostMs = 5000;

/** Reads a credential's text by its labels from AWS Secrets Manager. */
export const readFromSecretsManager =
  (client: Pick<SecretsManagerClient, 'send'>, secretId: string): CredentialClientOptions['read'] =>
  async (stage) => {
    try {
      const { SecretString } = await client.send(
        // The label is always named: a policy may allow these two alone.
        new GetSecretValueCommand({ SecretId: secretId, VersionStage: labels[stage] }),
        { abortSignal: AbortSignal.timeout(mostMs) },
      );
      if (!SecretString) throw new Error('The secret has no text.');
      return SecretString;
    } catch (error) {
      const isNone = error instanceof Error && error.name === 'ResourceNotFoundException';
      if (stage === 'previous' && isNone) return undefined;
      throw error;
    }
  };
