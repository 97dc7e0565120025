import { Client } from 'pg';
import { scramVerifier } from '../../lambdas/rotation/postgresql/scram-verifier';
import { newPassword } from '../../lambdas/shared/new-password';
import { type PostgresqlServer, startPostgresql } from '../support/postgresql-server';

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresql();
}, 300_000);
afterAll(() => server?.destroy(), 60_000);

const passwords = { shop_owner_1: newPassword(), shop_owner_2: newPassword() };
type Name = keyof typeof passwords;
const play = (username: Name = 'shop_owner_1', checkMode = false) =>
  server.play('shop', { username, password: passwords[username] }, { checkMode });

/** Runs statements one after the other as a consumer, who owns the database; the rows of the last. */
const as = async (user: string, password: string, ...statements: string[]): Promise<unknown[]> => {
  const ssl = { rejectUnauthorized: false };
  const client = new Client({ host: '127.0.0.1', port: server.port, database: 'shop', user, password, ssl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const sql of statements) rows = (await client.query({ text: sql, rowMode: 'array' })).rows;
    return rows;
  } finally {
    await client.end();
  }
};
const asFirst = (...statements: string[]) => as('shop_owner_1', passwords.shop_owner_1, ...statements);
const asSecond = (...statements: string[]) => as('shop_owner_2', passwords.shop_owner_2, ...statements);
const open = (password: string) =>
  `SELECT orchestrator_rotation.open_other_login('${scramVerifier(password)}')`;
const lock = 'SELECT orchestrator_rotation.lock_other_login()';
const stateOf = (login: string) =>
  server.administer(
    `SELECT rolcanlogin, rolpassword IS NULL, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_authid WHERE rolname = '${login}'`,
  );

beforeAll(async () => {
  const played = await play();
  expect(played).toMatchObject({ changed: true });
}, 60_000);

test('both logins are there, the one that is not in use locked; played again it changes nothing', async () => {
  expect(await stateOf('shop_owner_2')).toBe('f|t|f');
  expect(await play()).toEqual({ changed: false, steps: [] });
  expect(await play('shop_owner_1', true)).toEqual({ changed: false, steps: [] });
  await expect(asSecond('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
}, 60_000);

test('the login in use opens the other one and locks it; each again too', async () => {
  await asFirst(open(passwords.shop_owner_2), open(passwords.shop_owner_2));
  expect(await asSecond('SELECT session_user, current_user')).toEqual([['shop_owner_2', 'shop_owner']]);
  await asFirst(lock, lock);
  expect(await stateOf('shop_owner_2')).toBe('f|t|f');
  await expect(asSecond('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
}, 60_000);

test('sessions of the other one are ended once it is locked, and not before', async () => {
  await asFirst(open(passwords.shop_owner_2));
  const sleeping = asSecond('SELECT pg_sleep(600)').catch((error: { code: string }) => error.code);
  const busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop_owner_2' AND state = 'active'";
  while ((await server.administer(busy)) !== '1')
    expect(await Promise.race([sleeping, 'sleeps'])).toBe('sleeps');
  await expect(asFirst('SELECT orchestrator_rotation.end_other_sessions()')).rejects.toThrow(/lock it first/);
  expect(await asFirst(lock, 'SELECT orchestrator_rotation.end_other_sessions()')).toEqual([['1']]);
  expect(await sleeping).toBe('57P01');
}, 60_000);

test('a database that was rotated meanwhile stays so: the secret names the login in use, the other one is let be', async () => {
  await asFirst(open(passwords.shop_owner_2));
  expect(await play('shop_owner_2')).toEqual({ changed: false, steps: [] });
  // Still draining.
  expect(await asFirst('SELECT 1')).toEqual([[1]]);
  await asSecond(lock);
  expect(await play('shop_owner_2')).toEqual({ changed: false, steps: [] });
  expect(await stateOf('shop_owner_1')).toBe('f|t|f');
  // The secret was put back: its login is opened with its password.
  expect((await play('shop_owner_1')).steps).toEqual([
    'shop_owner_1 may sign in',
    'password of shop_owner_1',
  ]);
  expect(await asSecond('SELECT 1')).toEqual([[1]]);
  await asFirst(lock);
}, 60_000);

const other = scramVerifier(newPassword());
test.each<[string, string[], RegExp]>([
  [
    'a password and no verifier',
    ["SELECT orchestrator_rotation.open_other_login('a-plain-password')"],
    /verifier is wanted/,
  ],
  ['nothing', ['SELECT orchestrator_rotation.open_other_login(NULL)'], /verifier is wanted/],
  [
    'SQL behind the verifier',
    [`SELECT orchestrator_rotation.open_other_login('${other}'' SUPERUSER --')`],
    /verifier is wanted/,
  ],
  [
    'a line behind the verifier',
    [`SELECT orchestrator_rotation.open_other_login('${other}' || chr(10) || 'SUPERUSER')`],
    /verifier is wanted/,
  ],
  [
    'a verifier that counts nothing',
    [`SELECT orchestrator_rotation.open_other_login('${other.replace('$4096:', '$0000:')}')`],
    /verifier is wanted/,
  ],
  [
    'other rules for quotes',
    ['SET standard_conforming_strings = off', "SELECT orchestrator_rotation.open_other_login('\\'')"],
    /verifier is wanted/,
  ],
  [
    'a function of the superuser changed',
    ['ALTER FUNCTION orchestrator_rotation.lock_other_login() SECURITY INVOKER'],
    /must be owner/,
  ],
  [
    'a function put in the place of one',
    [
      "CREATE OR REPLACE FUNCTION orchestrator_rotation.other_login() RETURNS name LANGUAGE sql AS 'SELECT ''postgres''::name'",
    ],
    /permission denied|must be owner/,
  ],
  [
    'a function of the same name',
    ["CREATE FUNCTION orchestrator_rotation.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    /permission denied/,
  ],
  ['the inner function', ['SELECT orchestrator_rotation.other_login()'], /permission denied/],
  ['the functions dropped', ['DROP SCHEMA orchestrator_rotation CASCADE'], /must be owner/],
  ['the schema renamed', ['ALTER SCHEMA orchestrator_rotation RENAME TO mine'], /must be owner/],
  ['the schema taken over', ['ALTER SCHEMA orchestrator_rotation OWNER TO shop_owner'], /must be owner/],
  ['another signed in', ['SET SESSION AUTHORIZATION shop_owner_2'], /permission denied/],
  ['the superuser', ['SET ROLE postgres'], /permission denied/],
  ['the other without the function', [`ALTER ROLE shop_owner_2 PASSWORD '${other}'`], /permission denied/],
  [
    'the other without its role',
    ['SET ROLE NONE', `ALTER ROLE shop_owner_2 PASSWORD '${other}'`],
    /permission denied/,
  ],
])(
  'an owner who means harm does not get %s',
  async (_, statements, refusal) => {
    const before = await stateOf('shop_owner_2');
    await expect(asFirst(...statements)).rejects.toThrow(refusal);
    expect(await stateOf('shop_owner_2')).toBe(before);
  },
  60_000,
);

test('what an owner puts in the way of the catalogs is not called by the superuser', async () => {
  await asFirst(
    'CREATE SCHEMA evil',
    "CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$ SELECT 'ALTER ROLE shop_owner_1 SUPERUSER' $$",
    "CREATE FUNCTION evil.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
    'CREATE OPERATOR evil.!~ (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.never)',
    'CREATE TABLE evil.pg_authid (rolname name, rolpassword text, oid oid)',
    'ALTER DATABASE shop SET search_path = evil, pg_temp, pg_catalog',
    'ALTER DATABASE shop SET default_transaction_read_only = on',
    'ALTER DATABASE shop SET role = shop_owner',
  );
  await asFirst(
    'SET default_transaction_read_only = off',
    'SET search_path = evil, pg_catalog',
    open(passwords.shop_owner_2),
    lock,
  );
  await expect(
    asFirst('SET search_path = evil, pg_catalog', "SELECT orchestrator_rotation.open_other_login('x')"),
  ).rejects.toThrow(/verifier is wanted|read-only/);
  expect(await stateOf('shop_owner_1')).toBe('t|f|f');
  // The role as well does its part there as itself, with settings of its own.
  await server.administer('ALTER DATABASE shop SET default_transaction_read_only = off');
  await server.administer('SET role = none; DROP SCHEMA orchestrator_rotation CASCADE', 'shop');
  await server.administer('ALTER DATABASE shop SET default_transaction_read_only = on');
  const played = await server.play('shop', { username: 'shop_owner_1', password: passwords.shop_owner_1 });
  expect(played.msg).toMatch(/cannot execute CREATE TABLE in a read-only transaction/);
  await server.administer('ALTER DATABASE shop SET default_transaction_read_only = off');
  expect(await play()).toEqual({ changed: false, steps: [] });
  await server.administer('ALTER DATABASE shop RESET ALL');
  await asFirst(open(passwords.shop_owner_2), lock);
}, 60_000);

test('a user of the database who is given the functions by their owner is no login of the pair', async () => {
  const password = newPassword();
  await server.administer(`CREATE ROLE reader LOGIN PASSWORD '${scramVerifier(password)}'`);
  await asFirst(
    'GRANT CONNECT ON DATABASE shop TO reader',
    'CREATE SCHEMA shared',
    'GRANT USAGE ON SCHEMA shared TO reader',
    // Neither has any effect: what it may call is not its to give.
    'GRANT USAGE ON SCHEMA orchestrator_rotation TO reader',
    'GRANT EXECUTE ON FUNCTION orchestrator_rotation.lock_other_login() TO reader',
    `CREATE FUNCTION shared.handed_on(text) RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT orchestrator_rotation.open_other_login($1)'`,
  );
  await expect(as('reader', password, `SELECT shared.handed_on('${other}')`)).rejects.toThrow(
    /reader is not a login of shop_owner/,
  );
  await expect(as('reader', password, lock)).rejects.toThrow(/permission denied/);
}, 60_000);

test.each([
  ['an attribute', 'ALTER ROLE shop_owner_2 SUPERUSER', 'ALTER ROLE shop_owner_2 NOSUPERUSER'],
  [
    'a membership',
    'GRANT pg_read_server_files TO shop_owner_2',
    'REVOKE pg_read_server_files FROM shop_owner_2',
  ],
  ['a grant', 'GRANT SELECT ON pg_authid TO shop_owner_2', 'REVOKE SELECT ON pg_authid FROM shop_owner_2'],
  [
    'more than the first has of the same table',
    'GRANT SELECT ON pg_statistic TO shop_owner_1; GRANT SELECT, UPDATE ON pg_statistic TO shop_owner_2',
    'REVOKE ALL ON pg_statistic FROM shop_owner_1, shop_owner_2',
  ],
])(
  'the other one cannot be had for %s that somebody gave it',
  async (_, give, take) => {
    await server.administer(give, 'shop');
    await expect(asFirst(open(passwords.shop_owner_2))).rejects.toThrow(
      /has attributes or memberships that .* has not, or grants or objects of its own/,
    );
    await server.administer(take, 'shop');
    await asFirst(open(passwords.shop_owner_2), lock);
  },
  60_000,
);

test('two who change it at once take turns', async () => {
  const calls = Array.from({ length: 6 }, (_, n) => asFirst(n % 2 ? lock : open(passwords.shop_owner_2)));
  expect(await Promise.all(calls)).toHaveLength(6);
  await asFirst(lock);
}, 60_000);

test('a schema of that name that somebody else made first is refused, and nothing is done in it', async () => {
  const login = { username: 'early_owner_1', password: newPassword() };
  await server.play('early', login);
  const hostile =
    'DROP SCHEMA orchestrator_rotation CASCADE; SET ROLE early_owner; CREATE SCHEMA orchestrator_rotation';
  await server.administer(hostile, 'early');
  const played = await server.play('early', login);
  expect(played).toMatchObject({ failed: true, msg: expect.stringContaining('belongs to somebody else') });
  expect(
    await server.administer("SELECT count(*) FROM pg_proc WHERE proname = 'open_other_login'", 'early'),
  ).toBe('0');
}, 60_000);

test('a role that has one of the names and is no login of ours is refused', async () => {
  await server.administer('CREATE ROLE taken_owner_2 NOLOGIN; CREATE ROLE strong_owner_2 LOGIN CREATEROLE');
  for (const database of ['taken', 'strong'])
    expect(
      await server.play(database, { username: `${database}_owner_1`, password: newPassword() }),
    ).toMatchObject({ failed: true, msg: expect.stringContaining('is no plain login') });
  expect(
    await server.administer("SELECT count(*) FROM pg_roles WHERE rolname IN ('taken_owner', 'strong_owner')"),
  ).toBe('0');
}, 60_000);
