import { Client } from 'pg';
import { makePostgresqlAlternatingUsers } from '../../lambdas/rotation/strategies/postgresql-alternating-users';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { FaultPlan } from '../support/faulty-ports';
import { type PostgresqlServer, startPostgresql } from '../support/postgresql-server';
import { expectUnnoticed, makeRotationUnderFaults } from '../support/rotation-under-faults';

const strategy = makePostgresqlAlternatingUsers();

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresql();
}, 300_000);
afterAll(() => server?.destroy(), 60_000);

/** What a consumer of the database does. */
const signIn = async (value: string): Promise<void> => {
  const { host, port, username: user, password, dbname: database } = JSON.parse(value);
  const ssl = { rejectUnauthorized: false };
  const client = new Client({ host, port: Number(port), user, password, database, ssl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
};
const isRefused = (error: unknown) => /^28/.test((error as { code?: string }).code ?? '');
const world = async (database: string) =>
  makeRotationUnderFaults({ strategy, value: await server.makeDatabase(database), signIn, isRefused });

test('rotations with a fault at every boundary: no consumer notices, and each converges', async () => {
  await expectUnnoticed(strategy.name, await world('orders'));
}, 3_600_000);

test('a strategy that locks the old login too early is found', async () => {
  const { report, rotation } = await world('broken');
  const hasty: Strategy = {
    ...strategy,
    test: async (of) => {
      await strategy.test(of);
      if (of.current !== of.pending) await strategy.retire({ retired: of.current, current: of.pending });
    },
  };
  await rotation(new FaultPlan(), hasty).catch(() => undefined);
  expect(report.violations.join('\n')).toContain('the current version does not work');
}, 120_000);
