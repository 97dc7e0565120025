import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { CredentialRefusedError, MissingRightsError } from '../errors';
import {
  isPlainPath,
  isSafeAddress,
  makeOpenBao,
  type OpenBao,
  OpenBaoDeniedError,
  OpenBaoRefusedError,
} from '../openbao/client';
import { parseValue } from '../openbao/parse-value';
import type { Strategy } from '../strategy';

/** What a consumer signs in with. Other fields are kept as they are. */
const Login = z.looseObject({
  /** Of the server, `https://…`. */
  address: z.string().refine(isSafeAddress),
  namespace: z.string().min(1).max(256).optional(),
  /** Where the method AppRole is mounted, below `auth/`. */
  mount: z.string().refine(isPlainPath).default('approle'),
  role_name: z.string().refine((name) => isPlainPath(name) && !name.includes('/')),
  role_id: z.string().min(1).max(256),
  secret_id: z.string().min(1).max(4096),
});
type Login = z.infer<typeof Login>;

const loginAnswer = z.object({
  auth: z.object({
    client_token: z.string(),
    policies: z.array(z.string()),
    identity_policies: z.array(z.string()).nullish(),
  }),
});

const read = (value: string): Login => parseValue(Login, value, 'a login by AppRole');
const where = ({ mount, role_name }: Login): string => `auth/${mount}/role/${role_name}`;

/** A session of one login. */
interface Session {
  readonly bao: OpenBao;
  readonly policies: ReadonlySet<string>;
}

/** Runs `work` signed in, and signs out. */
const signedIn = async <T>(
  open: typeof makeOpenBao,
  login: Login,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const { address, namespace, mount, role_id, secret_id } = login;
  const anybody = open({ address, namespace });
  const answer = await anybody
    .call('POST', `auth/${mount}/login`, { role_id, secret_id })
    .catch((error: unknown) => {
      if (!(error instanceof OpenBaoRefusedError || error instanceof OpenBaoDeniedError)) throw error;
      return undefined;
    });
  const read = loginAnswer.safeParse(answer);
  if (!read.success)
    throw new CredentialRefusedError(
      `OpenBao at ${address} lets nobody in at auth/${mount}/login with the secret-id of the role ${login.role_name}: it was destroyed, expired or used up, or the role or the mount is another.`,
    );
  const { client_token, policies, identity_policies } = read.data.auth;
  const bao = anybody.as(client_token);
  try {
    return await work({ bao, policies: new Set([...policies, ...(identity_policies ?? [])]) });
  } finally {
    // A token that stays ends by itself.
    await bao.call('POST', 'auth/token/revoke-self').catch(() => undefined);
  }
};

/** @throws CredentialRefusedError where the role's policy does not let its own login do it */
const asOwner = async (login: Login, path: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OpenBaoDeniedError)) throw error;
    throw new CredentialRefusedError(
      `The role ${login.role_name} may not renew its own secret-id: a policy of it must allow update of ${path}.`,
      { cause: error },
    );
  }
};

/**
 * The secret-id of an AppRole of OpenBao or Vault. The login in use registers the next one itself, which was made here,
 * so that no administrator's token exists, and no secret-id that nobody knows when a run is killed.
 *
 * The server does not tell who signs in with a secret-id: nobody is named, and the overlap alone is waited for. Tokens
 * that were made with a retired secret-id live on until they end by themselves.
 */
export const makeVaultApprole = (open: typeof makeOpenBao = makeOpenBao): Strategy => {
  const works: Strategy['works'] = async (value) => {
    try {
      return await signedIn(open, read(value), async () => true);
    } catch (error) {
      if (error instanceof CredentialRefusedError) return false;
      throw error;
    }
  };
  return {
    name: 'vault-approle',
    works,
    make: (current) => JSON.stringify({ ...read(current), secret_id: randomBytes(32).toString('base64url') }),
    set: ({ current, pending }) => {
      const [login, next] = [read(current), read(pending)];
      const path = `${where(next)}/custom-secret-id`;
      return signedIn(open, login, ({ bao }) =>
        asOwner(login, path, async () => {
          try {
            await bao.call('POST', path, { secret_id: next.secret_id });
          } catch (error) {
            // It cannot be registered twice: an earlier call may have done it.
            if (error instanceof OpenBaoDeniedError || !(await works(pending))) throw error;
          }
        }),
      );
    },
    test: ({ current, pending }) =>
      signedIn(open, read(current), ({ policies: had }) =>
        signedIn(open, read(pending), async ({ policies: has }) => {
          const missing = [...had].filter((policy) => !has.has(policy));
          if (missing.length > 0)
            throw new MissingRightsError(
              `The next login by AppRole lacks policies that the present one has: ${missing.join(', ')}.`,
            );
        }),
      ),
    // Nobody is said to use it only where the server can be asked.
    users: async (previous) => {
      await works(previous);
      return [];
    },
    retire: ({ retired, current }) => {
      const [old, login] = [read(retired), read(current)];
      const path = `${where(old)}/secret-id/destroy`;
      return signedIn(open, login, async ({ bao }) => {
        if (old.secret_id === login.secret_id) return;
        await asOwner(login, path, () => bao.call('POST', path, { secret_id: old.secret_id }));
      });
    },
  };
};
