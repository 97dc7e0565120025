import * as z from 'zod';
import { newPassword } from '../../shared/new-password';
import { CredentialFormatError } from '../errors';

/** What a secret of a PostgreSQL login holds; the form is that of Secrets Manager's own rotation. */
const Value = z.looseObject({
  engine: z.literal('postgres'),
  // No path: that would be a socket of the machine that rotates.
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/),
  port: z.coerce.string().regex(/^[1-9][0-9]{0,4}$/),
  dbname: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  username: z.string().regex(/^[a-z][a-z0-9_]{0,60}_[12]$/),
  // Printable ASCII: what SASLprep leaves alone.
  password: z.string().regex(/^[\x21-\x7e]{16,512}$/),
});

/** One login of a pair, `<owner>_1` or `<owner>_2`, and where its server is. */
export interface PairLogin {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

const parsed = (value: string) => {
  try {
    return Value.safeParse(JSON.parse(value));
  } catch {
    return undefined;
  }
};

const checked = (value: string): z.infer<typeof Value> => {
  const found = parsed(value);
  if (found?.success) return found.data;
  const wrong = found && [
    ...new Set(found.error.issues.map(({ path: [field] }) => String(field ?? 'all of it'))),
  ];
  throw new CredentialFormatError(
    `The secret's value is not what postgresql-alternating-users rotates: ${wrong ? `${wrong.join(', ')} missing or wrong` : 'it is no JSON'}. ` +
      'It is JSON with engine "postgres", host, port, dbname, a username that ends with _1 or _2, and a password of 16 ' +
      'printable characters or more. Nothing was changed. Put back the version before, or start database-provisioning again.',
  );
};

/** @throws CredentialFormatError naming fields, never what stands in them */
export const pairLogin = (value: string): PairLogin => {
  const { host, port, dbname, username, password } = checked(value);
  return { host, port: Number(port), dbname, username, password };
};

const otherOf = (username: string): string => `${username.slice(0, -1)}${username.endsWith('1') ? '2' : '1'}`;

/**
 * The value with the other login of the pair and a new password; all else, and the order of its fields, stays.
 * @throws CredentialFormatError
 */
export const nextValue = (current: string): string => {
  const { username } = checked(current);
  return JSON.stringify({
    ...(JSON.parse(current) as object),
    username: otherOf(username),
    password: newPassword(),
  });
};

/** Where the database of a login is, for people. */
export const placeOf = ({ dbname, host, port }: PairLogin): string =>
  `the database ${dbname} at ${host}:${port}`;

/**
 * Holds that two logins are the two of one pair, of one database.
 * @throws CredentialFormatError
 */
export const checkPair = (one: PairLogin, another: PairLogin): void => {
  if (placeOf(one) !== placeOf(another) || one.username !== otherOf(another.username))
    throw new CredentialFormatError(
      `${one.username} of ${placeOf(one)} and ${another.username} of ${placeOf(another)} are no pair of logins of one ` +
        'database. Nothing was changed. Find out who wrote that version of the secret, and drop it.',
    );
};
