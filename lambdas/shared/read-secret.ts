import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Reads a secret's text once per function instance; a failed read is tried again at the next call. */
export const makeReadSecret = (
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
): (() => Promise<string>) => {
  let cached: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (!SecretString) throw new Error('The secret has no text.');
    return SecretString;
  };
  return () => {
    cached ??= read().catch((error: unknown) => {
      cached = undefined;
      throw error;
    });
    return cached;
  };
};
