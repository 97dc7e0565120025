import { Client } from 'pg';
import { makePostgresqlAlternatingUsers } from '../../lambdas/rotation/strategies/postgresql-alternating-users';
import type { Strategy } from '../../lambdas/rotation/strategy';
import { everyFault, FaultPlan } from '../support/faulty-ports';
import { type PostgresqlServer, startPostgresql } from '../support/postgresql-server';
import { type FaultReport, makeRotationUnderFaults } from '../support/rotation-under-faults';

/** `npm run rotation:faults`: ROTATION_RUNS=200 ROTATION_SEED=1; without, a small part. */
const runs = Number(process.env.ROTATION_RUNS ?? 8);
const seed = Number(process.env.ROTATION_SEED ?? 1);
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
const world = async (database: string) => ({
  ...makeRotationUnderFaults({ strategy, value: await server.makeDatabase(database), signIn, isRefused }),
});

const told = ({ boundaries, violations, milliseconds, ...rest }: FaultReport): string => {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
  return JSON.stringify({
    seed,
    boundaries: boundaries.size,
    violations: violations.length,
    ...rest,
    rotationMilliseconds: { median: at(0.5), p95: at(0.95) },
  });
};

test('rotations with a fault at every boundary: no consumer notices, and each converges', async () => {
  const { report, rotation, whileRead, withFault } = await world('orders');
  await whileRead(async () => {
    const calls = await rotation(new FaultPlan());
    // Spread over boundaries and kinds of faults, so that few runs meet all kinds and many meet everything.
    for (let run = 0; run < runs; run++) {
      const at = (run * 7 + seed) % calls;
      const fault = everyFault[(run + Math.floor((run * 7) / calls)) % everyFault.length];
      await withFault(at, fault ?? 'fails');
    }
  });
  if (process.env.ROTATION_RUNS) process.stdout.write(`${told(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.failures).toBe(0);
  expect(report.readings).toBeGreaterThan(runs);
  expect(report.mostAttempts).toBeLessThanOrEqual(3);
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
