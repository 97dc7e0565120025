import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

interface Options {
  /** Read again after this, so that a new value takes hold without a deployment. @default never */
  readonly maxAgeSeconds?: number;
}

/** Reads a secret's text once per function instance; a failed read is tried again at the next call. */
export const makeReadSecret = (
  client: Pick<SecretsManagerClient, 'send'>,
  secretId: string,
  { maxAgeSeconds = Number.POSITIVE_INFINITY }: Options = {},
): (() => Promise<string>) => {
  let cached: { readonly text: Promise<string>; readonly until: number } | undefined;
  const read = async (): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (!SecretString) throw new Error('The secret has no text.');
    return SecretString;
  };
  return () => {
    if (!cached || cached.until <= performance.now()) {
      const text = read().catch((error: unknown) => {
        cached = undefined;
        throw error;
      });
      cached = { text, until: performance.now() + maxAgeSeconds * 1000 };
    }
    return cached.text;
  };
};
