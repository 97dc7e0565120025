import { DescribeSecretCommand, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { makeCredentialClient } from '../../../lambdas/credential-client/credential-client';
import { readFromSecretsManager } from '../../../lambdas/credential-client/secrets-manager';
import type { LedgerEntry } from '../../../lambdas/shared/ledger';
import { type Connected, eventually, platformNow, runsOn } from '../../support/e2e-platform';
import { databaseOn, parseCredential, queryAs } from '../../support/provisioned-database';

/** Long enough to look into, short enough to wait for. */
const overlapSeconds = 8;

const isRefused = (error: unknown): boolean => /^28/.test((error as { code?: string }).code ?? '');

/** A consumer that never stops: each time it signs in anew, by the library that the guide tells of. */
const startConsumer = ({ secretsManager }: Connected, secretId: string) => {
  const credential = makeCredentialClient({
    read: readFromSecretsManager(secretsManager, secretId),
    maxAgeSeconds: 2,
    overlapSeconds,
  });
  const logins = new Set<string>();
  const failures: string[] = [];
  let isStopped = false;
  const consume = async (): Promise<void> => {
    while (!isStopped)
      try {
        const [row] = await credential.withCredential(
          (value) => queryAs(parseCredential(value), 'SELECT session_user'),
          isRefused,
        );
        logins.add(String((row as [string])[0]));
      } catch (error) {
        failures.push(String(error));
      }
  };
  const consuming = consume();
  return {
    /** As which it has signed in. */
    logins,
    failures,
    stop: async (): Promise<void> => {
      isStopped = true;
      await consuming;
    },
  };
};

/** The login of a database on the host that the first command made. */
export const rotation = (): void => {
  test('a login is rotated to its end under a consumer that never stops, and nothing tells a password', async () => {
    const platform = await platformNow();
    const runs = runsOn(platform);
    const { secretsManager } = platform;
    const { provision, read, secretId } = databaseOn(platform, runs, 'rotated');
    await provision();
    const overlap = { Key: 'rotation-overlap', Value: String(overlapSeconds) };
    await secretsManager.send(new TagResourceCommand({ SecretId: secretId, Tags: [overlap] }));
    const labels = async () => {
      const { VersionIdsToStages = {} } = await secretsManager.send(
        new DescribeSecretCommand({ SecretId: secretId }),
      );
      return Object.values(VersionIdsToStages).flat().sort();
    };
    const before = await read();
    const consumer = startConsumer(platform, secretId);
    try {
      await eventually('the consumer', () => consumer.logins.has(before.username) || undefined);
      const started = await runs.startOf('secret-rotation', {
        credentials: [secretId],
        force: true,
        reason: 'An end-to-end test',
      });
      await eventually(
        'both labels',
        async () => (await labels()).join() === 'AWSCURRENT,AWSPREVIOUS' || undefined,
      );
      // Both work, until everybody has changed over.
      const after = await read();
      const previous = await read('AWSPREVIOUS');
      expect([previous, after.username]).toEqual([before, 'rotated_owner_2']);
      for (const one of [previous, after])
        expect(await queryAs(one, 'SELECT session_user')).toEqual([[one.username]]);

      expect((await runs.ended(started)).output).toMatchObject({
        outcome: 'applied',
        rotation: { credentials: 1, completed: 1, draining: 0, failed: 0 },
      });
      expect(await labels()).toEqual(['AWSCURRENT']);
      await expect(queryAs(before, 'SELECT 1')).rejects.toMatchObject({
        code: expect.stringMatching(/^28/),
      });
      await eventually('the consumer’s change', () => consumer.logins.has(after.username) || undefined);
      await consumer.stop();
      expect(consumer.failures).toEqual([]);

      const items = await runs.scan(platform.outputs.ledgerTable);
      const told = items
        .map(({ entry }) => entry as LedgerEntry | undefined)
        .filter((entry) => entry?.data.credential === secretId);
      expect(told.map((entry) => entry?.type).sort()).toEqual([
        'credential.rotation-begun',
        'credential.rotation-completed',
        'credential.rotation-promoted',
      ]);
      const records = await runs.scan(platform.outputs.credentialsTable);
      const record = records.find(({ id }) => id === secretId);
      expect(record).toMatchObject({ owner: 'shop-team', lastResult: { outcome: 'completed' } });
      expect(record).not.toHaveProperty('rotation');
      for (const { password } of [before, after])
        expect(JSON.stringify([items, records])).not.toContain(password);
    } finally {
      await consumer.stop();
    }
  });
};
