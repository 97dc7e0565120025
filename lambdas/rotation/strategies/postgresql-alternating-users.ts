import { randomUUID } from 'node:crypto';
import { CredentialRefusedError, MissingRightsError } from '../errors';
import { checkPair, nextValue, pairLogin } from '../postgresql/pair-login';
import { checkSameRights } from '../postgresql/rights';
import { scramVerifier } from '../postgresql/scram-verifier';
import {
  applicationName,
  type ServerSession,
  type SessionLimits,
  withSession,
} from '../postgresql/server-session';
import type { Strategy } from '../strategy';

/** What consumers do: makes, fills, reads and drops a table, as the role that owns the database. */
const doAsConsumers = async (session: ServerSession): Promise<void> => {
  const table = `orchestrator_trial_${randomUUID().replaceAll('-', '')}`;
  await session.query('BEGIN');
  await session.query(`CREATE TABLE ${table} (made_by text)`);
  await session.query(`INSERT INTO ${table} VALUES (current_user)`);
  const [row] = await session.query<{ who: string; owner: string }>(
    `SELECT session_user AS who, made_by AS owner FROM ${table}`,
  );
  await session.query(`DROP TABLE ${table}`);
  await session.query('COMMIT');
  if (row?.who !== `${row?.owner}_1` && row?.who !== `${row?.owner}_2`)
    throw new MissingRightsError(
      `${row?.who} signs in, but what it makes belongs to ${row?.owner} and not to the role that both logins act as. ` +
        'Start database-provisioning again, which sets that.',
    );
};

const sessionsOfOwn = `
SELECT coalesce(nullif(application_name, ''), 'an application without a name') || ' at ' || coalesce(host(client_addr), 'the server')
  || CASE count(*) WHEN 1 THEN '' ELSE ' (' || count(*) || ' sessions)' END AS who
FROM pg_catalog.pg_stat_activity
WHERE usename = session_user AND pid <> pg_catalog.pg_backend_pid() AND application_name <> $1
GROUP BY application_name, client_addr ORDER BY 1`;

const patience: SessionLimits = { connect: 5_000, lock: 5_000, statement: 10_000 };

/**
 * A pair of logins of a PostgreSQL database, made by the role `postgresql-database`: the one in use opens the other
 * with a new password, and locks it after the change-over. There is no administrator's credential.
 */
export const makePostgresqlAlternatingUsers = (limits: SessionLimits = patience): Strategy => ({
  name: 'postgresql-alternating-users',

  make: nextValue,

  set: async (of) => {
    const [current, pending] = [pairLogin(of.current), pairLogin(of.pending)];
    checkPair(pending, current);
    await withSession(current, limits, (session) =>
      session.query('SELECT orchestrator_rotation.open_other_login($1)', [scramVerifier(pending.password)]),
    );
  },

  test: async (of) => {
    const [current, pending] = [pairLogin(of.current), pairLogin(of.pending)];
    await withSession(pending, limits, async (session) => {
      await doAsConsumers(session);
      await checkSameRights(session, current, pending);
    });
  },

  works: async (value) => {
    try {
      await withSession(pairLogin(value), limits, async () => undefined);
      return true;
    } catch (error) {
      if (error instanceof CredentialRefusedError || error instanceof MissingRightsError) return false;
      throw error;
    }
  },

  users: async (previous) => {
    try {
      return await withSession(pairLogin(previous), limits, async (session) => {
        // The role that it acts as does not see whose sessions these are.
        await session.query('SET ROLE NONE');
        const rows = await session.query<{ who: string }>(sessionsOfOwn, [applicationName]);
        return rows.map(({ who }) => who);
      });
    } catch (error) {
      // Locked already: nobody signs in with it.
      if (error instanceof CredentialRefusedError) return [];
      throw error;
    }
  },

  retire: async (of) => {
    const [retired, current] = [pairLogin(of.retired), pairLogin(of.current)];
    // Another password of the login in use is accepted no longer, and there is nothing to lock.
    if (retired.username === current.username) return;
    checkPair(retired, current);
    await withSession(current, limits, (session) =>
      session.query('SELECT orchestrator_rotation.lock_other_login()'),
    );
  },
});
