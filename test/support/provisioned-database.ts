import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import * as z from 'zod';
import type { StartedRun } from '../../cli/start-run';
import type { Connected, Runs } from './e2e-platform';

const credential = z.strictObject({
  engine: z.literal('postgres'),
  host: z.string(),
  port: z.string().transform(Number),
  dbname: z.string(),
  username: z.string(),
  password: z.string(),
});
export type DatabaseCredential = z.infer<typeof credential>;

/** What the secret of a login says. */
export const parseCredential = (value: string): DatabaseCredential => credential.parse(JSON.parse(value));

/** A database on the host that the first command made, and its secret. */
export const databaseOn = (platform: Connected, runs: Runs, database: string) => {
  const { secretsManager } = platform;
  const workspace = 'demo/web-01';
  const secretId = `orchestrator-local/workspaces/${workspace}/${database}`;
  const start = (): Promise<StartedRun> =>
    runs.startOf('database-provisioning', {
      workspace,
      database,
      team: 'shop-team',
      reason: 'An end-to-end test',
      whenBusy: 'wait',
    });
  return {
    secretsManager,
    secretId,
    start,
    /** Has it made, and approved; resolves once it is there. */
    provision: async (): Promise<void> => {
      const made = await start();
      await runs.decide(made, 'approve');
      expect((await runs.ended(made)).output).toMatchObject({ outcome: 'applied' });
    },
    /** What a consumer reads: the version with the label, `AWSCURRENT` unless another is named. */
    read: async (label = 'AWSCURRENT'): Promise<DatabaseCredential> => {
      const { SecretString = '' } = await secretsManager.send(
        new GetSecretValueCommand({ SecretId: secretId, VersionStage: label }),
      );
      return parseCredential(SecretString);
    },
  };
};

/** Signs in as a consumer, over TLS, and runs one statement; its rows as arrays. */
export const queryAs = async (
  { host, port, dbname, username, password }: DatabaseCredential,
  sql: string,
): Promise<unknown[]> => {
  // The server's certificate is its own: there is nobody here to sign it.
  const ssl = { rejectUnauthorized: false };
  const client = new Client({ host, port, database: dbname, user: username, password, ssl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
};
