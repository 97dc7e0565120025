import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const clientSecret = 'a-secret-of-the-client-that-nobody-may-see';

export interface OpenIdProvider {
  readonly issuer: string;
  readonly stop: () => Promise<void>;
}

/** Starts a real OpenID provider (oidc-provider) for one client. */
export const startOpenIdProvider = async (redirectUri: string): Promise<OpenIdProvider> => {
  const child = spawn(
    process.execPath,
    [join(__dirname, 'run-openid-provider.mjs'), redirectUri, clientSecret],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const issuer = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('issuer ')) resolve(line.slice('issuer '.length));
    });
    child.once('exit', () => reject(new Error(`The provider did not start: ${complaint}`)));
  });
  return {
    issuer: await issuer,
    stop: () => {
      child.kill();
      return ended;
    },
  };
};
