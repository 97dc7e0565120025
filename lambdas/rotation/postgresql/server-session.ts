import { Client } from 'pg';
import { TransientError } from '../../shared/errors';
import { CredentialRefusedError, MissingRightsError } from '../errors';
import { type PairLogin, placeOf } from './pair-login';

/** What is shown of a session of ours; consumers do not call themselves that. */
export const applicationName = 'secret-rotation';

/** What a session waits for, in milliseconds. */
export interface SessionLimits {
  readonly connect: number;
  readonly lock: number;
  readonly statement: number;
}

const closingMilliseconds = 1_000;

/** The server could not prove that it knows the login, or was not made to. Told apart from what it says itself. */
class UnprovenServerError extends Error {}

/** Sessions, as far as strategies use them. */
export interface ServerSession {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

interface Failure {
  readonly code?: string;
  readonly routine?: string;
  readonly message: string;
}

const whys: readonly (readonly [RegExp, string])[] = [
  [/^(?:57014|55P03|40001|40P01)$/, 'it is too slow, or somebody holds a lock'],
  [/^25006$/, 'it is read-only, such as a standby'],
  [/^53(?:100|400)$/, 'it has no room left'],
  [/^53300$/, 'it has too many connections'],
  [/^(?:53|57P|58|XX)/, 'it is starting, stopping or failing'],
  [/^28000$/, 'it does not let this address connect so'],
  [/^E[A-Z_]+$/, 'it cannot be reached'],
];

/** The server's own words, in one line; verifiers, which only it is given, are taken out. */
const saying = (message: string): string =>
  message
    .replace(/SCRAM-SHA-256\S*/g, '…')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);

/** A failure of a session in our words. It holds no password: the server is never given one. */
const asOurs = (failure: Failure, login: PairLogin): Error => {
  const { code = '', routine } = failure;
  const [who, place] = [login.username, placeOf(login)];
  if (code === '28P01' || (code === '28000' && routine === 'InitializeSessionUserId'))
    return new CredentialRefusedError(
      `${place} refuses a sign-in as ${who}. Its password was changed, or the login is locked. To set what the secret ` +
        'says, start database-provisioning again.',
    );
  if (code === '3D000')
    return new CredentialRefusedError(`${place} is not there, so that ${who} cannot sign in to it.`);
  if (/^(?:42501|42704|42883|3F000|22023|55000|P0001)$/.test(code))
    return new MissingRightsError(
      `${who} may not do what is needed in ${place}: ${saying(failure.message)}. Grant rights to the role that owns the ` +
        'database, not to one login. Where functions of the rotation are missing, start database-provisioning again.',
    );
  const why =
    failure instanceof UnprovenServerError
      ? failure.message
      : (whys.find(([codes]) => codes.test(code))?.[1] ??
        `it did not answer as it should: ${saying(failure.message)}`);
  return new TransientError(
    `Nothing could be said of ${who} in ${place}: ${why}${code ? ` (${code})` : ''}. It is tried again.`,
  );
};

/**
 * Debian's server has a certificate of its own making, which no authority vouches for. It is the sign-in that proves
 * the server: SCRAM-SHA-256-PLUS binds it to this very certificate, so that nobody between can pass it on, and the
 * server's last message proves that it knows the login. The password is never sent, in no form: it is given to `pg`
 * only once such a sign-in was offered.
 */
const connected = async (login: PairLogin, limits: SessionLimits): Promise<Client> => {
  let offered: readonly string[] = [];
  let proven = false;
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.dbname,
    user: login.username,
    password: () => {
      if (offered.includes('SCRAM-SHA-256-PLUS')) return login.password;
      throw new UnprovenServerError('it wants a sign-in by which it would not prove itself');
    },
    enableChannelBinding: true,
    ssl: { rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    application_name: applicationName,
    connectionTimeoutMillis: limits.connect,
    lock_timeout: limits.lock,
    statement_timeout: limits.statement,
    idle_in_transaction_session_timeout: limits.statement,
    // Where the server does not come to its own time-out.
    query_timeout: limits.statement + limits.lock,
  });
  // A connection that breaks fails the query that waits; nothing else listens.
  client.on('error', () => undefined);
  client.connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: string[] }) => {
    offered = mechanisms;
  });
  client.connection.on('authenticationSASLFinal', () => {
    proven = true;
  });
  try {
    await client.connect();
    if (!proven) throw new UnprovenServerError('it let us in without proving itself');
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
};

const closed = async (client: Client): Promise<void> => {
  const patience = setTimeout(() => client.connection.stream.destroy(), closingMilliseconds);
  await client.end().catch(() => undefined);
  clearTimeout(patience);
};

/**
 * Signs in, over TLS, and ends the session whatever comes of it.
 *
 * @throws CredentialRefusedError where the server refuses the login; MissingRightsError where it may not do it, or
 *   functions of the role are missing; TransientError where nothing can be said
 */
export const withSession = async <T>(
  login: PairLogin,
  limits: SessionLimits,
  use: (session: ServerSession) => Promise<T>,
): Promise<T> => {
  try {
    const client = await connected(login, limits);
    try {
      return await use({
        query: async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
          (await client.query<Row>(sql, [...values])).rows,
      });
    } finally {
      await closed(client);
    }
  } catch (error) {
    if (error instanceof MissingRightsError) throw error;
    throw asOurs(error as Failure, login);
  }
};
