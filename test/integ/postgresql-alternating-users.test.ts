import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { Client } from 'pg';
import {
  CredentialFormatError,
  CredentialRefusedError,
  MissingRightsError,
} from '../../lambdas/rotation/errors';
import { makePostgresqlAlternatingUsers } from '../../lambdas/rotation/strategies/postgresql-alternating-users';
import { TransientError } from '../../lambdas/shared/errors';
import { newPassword } from '../../lambdas/shared/new-password';
import { freePort, type PostgresqlServer, startPostgresql } from '../support/postgresql-server';
import { itConforms, type StrategyUnderTest } from '../support/strategy-conformance';
import { startCuttingProxy, startListener } from '../support/tcp-proxy';
import { makeCertificate } from '../support/test-certificate';

const strategy = makePostgresqlAlternatingUsers();
const hasty = makePostgresqlAlternatingUsers({ connect: 300, lock: 300, statement: 1_000 });
const changed = (value: string, change: object): string =>
  JSON.stringify({ ...JSON.parse(value), ...change });
const fieldsOf = (value: string) =>
  JSON.parse(value) as { username: string; password: string; dbname: string };

let server: PostgresqlServer;
let nobodyListens: number;
let made = 0;
beforeAll(async () => {
  server = await startPostgresql();
  nobodyListens = await freePort();
}, 300_000);
afterAll(() => server?.destroy(), 60_000);

const newTarget = () => server.makeDatabase(`orders${++made}`);
const opened = async () => {
  const current = await newTarget();
  const pending = await strategy.make(current);
  await strategy.set({ current, pending });
  return { current, pending, ...fieldsOf(current) };
};
/** A consumer with a session. */
const consumer = async (value: string, applicationName = 'shop') => {
  const { username: user, password, dbname: database } = fieldsOf(value);
  const ssl = { rejectUnauthorized: false };
  const to = { host: '127.0.0.1', port: server.port, user, password, database, ssl };
  const client = new Client({ ...to, application_name: applicationName });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

describe('as every strategy', () => {
  const under: StrategyUnderTest = {
    strategy,
    newTarget,
    unreachable: (value) => changed(value, { port: String(nobodyListens) }),
    wrong: (value) => changed(value, { password: newPassword() }),
    secretsOf: (value) => [fieldsOf(value).password],
    foreign: {
      'another engine': (value) => changed(value, { engine: 'mysql' }),
      'a login of no pair': (value) => changed(value, { username: 'orders' }),
      'a third login': (value) => changed(value, { username: 'orders_owner_3' }),
      'a login with quotes': (value) => changed(value, { username: 'orders"; --_1' }),
      'a socket for a host': (value) => changed(value, { host: '/var/run/postgresql' }),
      'a host that is an option': (value) => changed(value, { host: '-h' }),
      'no port': (value) => changed(value, { port: 'http' }),
      'a database of another name': (value) => changed(value, { dbname: 'x sslmode=disable' }),
      'a password with a line break': (value) => changed(value, { password: 'Zz9-0123456789abcdef\n' }),
      'a short password': (value) => changed(value, { password: 'Zz9' }),
    },
    killedAt: async (n, work) => {
      const proxy = await startCuttingProxy(server.port, n);
      await work((value) => changed(value, { port: String(proxy.port) })).catch(() => undefined);
      await proxy.close();
      return proxy.cut();
    },
  };
  itConforms(() => under, 120_000);
});

test('the next value is the other login, with a new password and everything else as it was', async () => {
  const value = JSON.stringify({
    engine: 'postgres',
    host: 'db.internal',
    port: 5432,
    dbname: 'a',
    username: 'a_owner_1',
    password: 'x'.repeat(20),
    note: 'kept',
  });
  const next = JSON.parse(await strategy.make(value));
  expect(next).toEqual({
    ...JSON.parse(value),
    username: 'a_owner_2',
    password: expect.stringMatching(/^[A-Za-z2-9]{40}$/),
  });
  expect(JSON.parse(await strategy.make(JSON.stringify(next))).username).toBe('a_owner_1');
});

test('who uses the previous login is told by name and address, and our own sessions are nobody', async () => {
  const { current } = await opened();
  const [one, two, three] = [await consumer(current), await consumer(current), await consumer(current, '')];
  expect(await strategy.users(current)).toEqual([
    'an application without a name at 127.0.0.1',
    'shop at 127.0.0.1 (2 sessions)',
  ]);
  await Promise.all([one.end(), two.end(), three.end()]);
  while ((await strategy.users(current)).length > 0);
}, 60_000);

test('a session that is open when its login is retired goes on; nobody signs in anew', async () => {
  const { current, pending } = await opened();
  const session = await consumer(current);
  await strategy.retire({ retired: current, current: pending });
  expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await expect(consumer(current)).rejects.toMatchObject({ code: '28P01' });
  await session.end();
}, 60_000);

describe('logins that differ are not exchanged:', () => {
  let one: Awaited<ReturnType<typeof opened>>;
  beforeAll(async () => {
    one = await opened();
    await server.administer('CREATE TABLE t (n int)', one.dbname);
  }, 60_000);
  const member = 'GRANT pg_read_all_stats TO';

  // What makes them differ, and what undoes it: %1 is current, %2 pending.
  test.each<[string, string, string, RegExp]>([
    ['an attribute', 'ALTER ROLE %1 CREATEDB', 'ALTER ROLE %1 NOCREATEDB', /_2 lacks: attribute rolcreatedb/],
    [
      'a limit',
      'ALTER ROLE %2 CONNECTION LIMIT 9',
      'ALTER ROLE %2 CONNECTION LIMIT -1',
      /lacks: attribute rolconnlimit/,
    ],
    [
      'an end',
      "ALTER ROLE %2 VALID UNTIL '2099-01-01'",
      "ALTER ROLE %2 VALID UNTIL 'infinity'; ALTER ROLE %1 VALID UNTIL 'infinity'",
      /attribute rolvaliduntil/,
    ],
    [
      'a membership',
      `${member} %1`,
      'REVOKE pg_read_all_stats FROM %1',
      /_2 lacks: membership in pg_read_all_stats/,
    ],
    [
      'what the next one has in addition',
      `${member} %2`,
      'REVOKE pg_read_all_stats FROM %2',
      /_1 lacks: membership in pg_read_all_stats/,
    ],
    [
      'a setting',
      "ALTER ROLE %1 SET work_mem = '8MB'",
      'ALTER ROLE %1 RESET work_mem',
      /_2 lacks: setting work_mem/,
    ],
    [
      'a setting here',
      "ALTER ROLE %1 IN DATABASE %D SET app.token = 'Zz9-secret'",
      'ALTER ROLE %1 IN DATABASE %D RESET ALL',
      /_2 lacks: setting app.token/,
    ],
    ['a table', 'GRANT SELECT ON t TO %1', 'REVOKE ALL ON t FROM %1', /_2 lacks: SELECT on table public.t/],
    [
      'more of a table',
      'GRANT SELECT, INSERT ON t TO %1; GRANT SELECT ON t TO %2',
      'REVOKE ALL ON t FROM %1, %2',
      /_2 lacks: INSERT on table public.t\. /,
    ],
    [
      'a right to hand on',
      'GRANT SELECT ON t TO %1 WITH GRANT OPTION; GRANT SELECT ON t TO %2',
      'REVOKE ALL ON t FROM %1, %2',
      /_2 lacks: SELECT on table public.t/,
    ],
    [
      'a column',
      'GRANT UPDATE (n) ON t TO %1',
      'REVOKE ALL (n) ON t FROM %1',
      /_2 lacks: UPDATE on column public.t.n/,
    ],
    [
      'a schema',
      'GRANT USAGE ON SCHEMA orchestrator_rotation TO %1',
      'REVOKE ALL ON SCHEMA orchestrator_rotation FROM %1',
      /_2 lacks: USAGE on schema/,
    ],
    [
      'a function',
      'GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO %1',
      'REVOKE ALL ON FUNCTION pg_ls_waldir() FROM %1',
      /_2 lacks: EXECUTE on function/,
    ],
    [
      'what will be made',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO %1',
      'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM %1',
      /_2 lacks: SELECT on new objects .r. of postgres/,
    ],
    [
      'defaults of its own',
      'ALTER DEFAULT PRIVILEGES FOR ROLE %1 GRANT SELECT ON TABLES TO pg_monitor',
      'ALTER DEFAULT PRIVILEGES FOR ROLE %1 REVOKE SELECT ON TABLES FROM pg_monitor',
      /default privileges of its own/,
    ],
    [
      'an object',
      'ALTER TABLE t OWNER TO %1',
      'ALTER TABLE t OWNER TO postgres',
      /_2 lacks: ownership of table public.t/,
    ],
    [
      'a policy',
      'CREATE POLICY p ON t TO %1',
      'DROP POLICY p ON t',
      /_2 lacks: part in policy p on table public.t/,
    ],
    [
      'a login that does not act as the owner',
      'ALTER ROLE %1 RESET role; ALTER ROLE %2 RESET role',
      "ALTER ROLE %1 SET role = '%D_owner'; ALTER ROLE %2 SET role = '%D_owner'",
      /not to the role that both/,
    ],
    [
      'an owner who may make nothing',
      'REVOKE ALL ON SCHEMA public FROM PUBLIC, pg_database_owner',
      'GRANT ALL ON SCHEMA public TO pg_database_owner',
      /permission denied|no schema has been selected/,
    ],
  ])(
    '%s',
    async (_, give, take, named) => {
      const { current, pending, username, dbname } = one;
      const filled = (sql: string) =>
        sql.replaceAll('%1', username).replaceAll('%2', fieldsOf(pending).username).replaceAll('%D', dbname);
      await server.administer(filled(give), dbname);
      const testing = strategy.test({ current, pending });
      await expect(testing).rejects.toThrow(MissingRightsError);
      await expect(testing).rejects.toThrow(named);
      await expect(testing).rejects.not.toThrow(/Zz9/);
      await server.administer(filled(take), dbname);
      await strategy.test({ current, pending });
    },
    60_000,
  );
});

test('a database whose functions are gone says what to do', async () => {
  const { current, pending, dbname } = await opened();
  await server.administer('DROP SCHEMA orchestrator_rotation CASCADE', dbname);
  await expect(strategy.set({ current, pending })).rejects.toThrow(/start database-provisioning again/);
  await expect(strategy.retire({ retired: pending, current })).rejects.toThrow(MissingRightsError);
}, 60_000);

test('logins of two databases are no pair, and neither is touched', async () => {
  const [one, another] = [await opened(), await opened()];
  const foreign = { current: one.current, pending: another.pending };
  await expect(strategy.set(foreign)).rejects.toThrow(CredentialFormatError);
  await expect(strategy.retire({ retired: another.pending, current: one.current })).rejects.toThrow(
    /are no pair/,
  );
  for (const value of [one.current, one.pending, another.current, another.pending])
    expect(await strategy.works(value)).toBe(true);
}, 60_000);

describe('a server that', () => {
  const failing = async (calls: Promise<unknown>[], message: RegExp) => {
    for (const settled of await Promise.allSettled(calls)) {
      expect(settled).toMatchObject({ status: 'rejected', reason: expect.any(TransientError) });
      expect(String((settled as PromiseRejectedResult).reason)).toMatch(message);
    }
  };
  const all = (of: { current: string; pending: string }) => [
    hasty.set(of),
    hasty.test(of),
    hasty.retire({ retired: of.pending, current: of.current }),
    hasty.works(of.current),
    hasty.users(of.current),
  ];

  test('does not answer is slow, and nothing can be said', async () => {
    const { current, pending } = await opened();
    const silent = await startListener(() => undefined);
    const there = { port: String(silent.port) };
    await failing(
      all({ current: changed(current, there), pending: changed(pending, there) }),
      /did not answer|reached/,
    );
    await silent.close();
  }, 60_000);

  test('is busy with the same login is slow', async () => {
    const { current, pending } = await opened();
    const held = await consumer(current);
    await held.query('BEGIN');
    await held.query('SELECT orchestrator_rotation.lock_other_login()');
    const calls = [hasty.set({ current, pending }), hasty.retire({ retired: pending, current })];
    await failing(calls, /somebody holds a lock \(55P03\)/);
    await held.query('ROLLBACK');
    await held.end();
    await hasty.set({ current, pending });
  }, 60_000);

  test('is read-only says so, and lets sign in', async () => {
    const { current, pending, dbname } = await opened();
    await server.administer(`ALTER DATABASE ${dbname} SET default_transaction_read_only = on`);
    const of = { current, pending };
    await failing(
      [strategy.set(of), strategy.test(of), strategy.retire({ retired: pending, current })],
      /read-only.*25006/,
    );
    expect(await strategy.works(current)).toBe(true);
    await server.administer(`ALTER DATABASE ${dbname} RESET ALL`);
    await strategy.test(of);
  }, 60_000);

  test('is full says so, and the rotation does not promote', async () => {
    const { current, pending, dbname } = await opened();
    const small = join(server.folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', small]);
    try {
      execFileSync('chown', ['postgres:postgres', small]);
      await server.administer(`CREATE TABLESPACE small LOCATION '${small}'`);
      await server.administer('GRANT CREATE ON TABLESPACE small TO PUBLIC');
      await server.administer(`ALTER DATABASE ${dbname} SET default_tablespace = small`);
      const rest = join(small, 'rest');
      expect(spawnSync('dd', ['if=/dev/zero', `of=${rest}`]).status).not.toBe(0);
      await failing([strategy.test({ current, pending })], /no room left \(53100\)/);
      expect(await strategy.works(current)).toBe(true);
      rmSync(rest);
      await strategy.test({ current, pending });
      await server.administer(`DROP DATABASE ${dbname} WITH (FORCE)`);
      await server.administer('DROP TABLESPACE small');
    } finally {
      execFileSync('umount', ['--lazy', small]);
    }
  }, 60_000);

  test('has no connection left, starts, or is down says nothing of the login', async () => {
    const { current, dbname } = await opened();
    await server.administer(`ALTER DATABASE ${dbname} CONNECTION LIMIT 0`);
    await failing([strategy.works(current)], /too many connections \(53300\)/);
    await server.administer(`ALTER DATABASE ${dbname} CONNECTION LIMIT -1`);
    await server.stop();
    await failing([strategy.works(current)], /cannot be reached \(ECONNREFUSED\)/);
    await server.start();
    await server.crash();
    expect(await strategy.works(current)).toBe(true);
  }, 60_000);

  test('has no such database refuses; a name that is nowhere is no refusal', async () => {
    const { current } = await opened();
    const gone = changed(current, { dbname: 'nothing' });
    expect(await strategy.works(gone)).toBe(false);
    await expect(strategy.users(changed(current, { host: 'nowhere.invalid' }))).rejects.toThrow(
      /ENOTFOUND|EAI_AGAIN/,
    );
    await expect(strategy.test({ current, pending: gone })).rejects.toThrow(CredentialRefusedError);
  }, 60_000);
});

describe('somebody between', () => {
  const folder = mkdtempSync(join(tmpdir(), 'between-'));
  const { key, cert } = makeCertificate(folder, 'localhost');
  rmSync(folder, { recursive: true });
  const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

  /** Speaks TLS with a certificate of its own; `serve` gets what is inside. */
  const startBetween = (serve: (inside: TLSSocket) => void) =>
    startListener((socket: Socket) => {
      socket.once('data', () => {
        socket.write('S');
        const inside = new TLSSocket(socket, { isServer: true, key, cert });
        inside.on('error', () => undefined);
        serve(inside);
      });
    });
  const passingOn = (inside: TLSSocket) => {
    const upstream = connect(server.port, '127.0.0.1', () => upstream.write(sslRequest));
    upstream.on('error', () => inside.destroy());
    upstream.once('data', () => {
      const outside = connectTls({ socket: upstream, rejectUnauthorized: false });
      outside.on('error', () => inside.destroy()).on('close', () => inside.destroy());
      inside.on('close', () => outside.destroy());
      outside.pipe(inside).pipe(outside);
    });
  };

  test('who passes everything on is found, by the sign-in; without it a client would not notice', async () => {
    const current = await newTarget();
    const between = await startBetween(passingOn);
    const { username: user, password, dbname: database } = fieldsOf(current);
    const trusting = new Client({
      host: '127.0.0.1',
      port: between.port,
      user,
      password,
      database,
      ssl: { rejectUnauthorized: false },
    });
    await trusting.connect();
    expect((await trusting.query('SELECT session_user AS who')).rows).toEqual([{ who: user }]);
    await trusting.end();
    await expect(strategy.works(changed(current, { port: String(between.port) }))).rejects.toThrow(
      TransientError,
    );
    await between.close();
  }, 60_000);

  const message = (type: string, ...parts: (number | string)[]) => {
    const body = Buffer.concat(
      parts.map((part) => {
        if (typeof part === 'string') return Buffer.from(part);
        const number = Buffer.alloc(4);
        number.writeInt32BE(part);
        return number;
      }),
    );
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  test.each([
    ['asks for the password', message('R', 3)],
    ['asks for its MD5', message('R', 5, 'salt')],
    ['offers a sign-in that does not bind', message('R', 10, 'SCRAM-SHA-256\0\0')],
    ['lets everybody in', Buffer.concat([message('R', 0), message('Z', 'I')])],
  ])(
    'who %s is given nothing',
    async (_, answer) => {
      const current = await newTarget();
      const heard: Buffer[] = [];
      const between = await startBetween((inside) => {
        inside.on('data', (data: Buffer) => {
          if (heard.push(data) === 1) inside.write(answer);
        });
      });
      await expect(hasty.works(changed(current, { port: String(between.port) }))).rejects.toThrow(/prov/);
      expect(Buffer.concat(heard).toString('latin1')).not.toContain(fieldsOf(current).password);
      // The start of the session, and at most its beginning of a sign-in.
      expect(heard.length).toBeLessThanOrEqual(2);
      await between.close();
    },
    60_000,
  );

  test('a server without TLS is given nothing', async () => {
    const current = await newTarget();
    const heard: Buffer[] = [];
    const plain = await startListener((socket) =>
      socket.on('data', (data) => heard.push(data) === 1 && socket.write('N')),
    );
    await expect(hasty.works(changed(current, { port: String(plain.port) }))).rejects.toThrow(TransientError);
    expect(Buffer.concat(heard)).toEqual(sslRequest);
    await plain.close();
  }, 60_000);
});
