import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { isPlainPath, type OpenBao, OpenBaoRefusedError } from '../../lambdas/rotation/openbao/client';
import { plainText } from '../../lambdas/shared/plain-text';
import { UsageError } from '../usage-error';

const Login = z.union([
  z.strictObject({ token: z.string().min(1) }),
  z.strictObject({
    role_id: z.string().min(1),
    secret_id: z.string().min(1),
    mount: z.string().refine(isPlainPath).default('approle'),
  }),
]);

const answer = z.object({ auth: z.object({ client_token: z.string() }) });

const readLogin = (file: string) => {
  const name = plainText(file, 200);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The login at ${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    return Login.parse(JSON.parse(text));
  } catch {
    // The reason would quote the file.
    throw new UsageError(`The login at ${name} is neither {"role_id":…,"secret_id":…} nor {"token":…}.`);
  }
};

/** A session by the login in a file, and its end: a token that was given is left as it is. */
export const signIn = async (
  anybody: OpenBao,
  file: string,
): Promise<{ readonly bao: OpenBao; readonly signOut: () => Promise<void> }> => {
  const login = readLogin(file);
  if ('token' in login) return { bao: anybody.as(login.token), signOut: async () => undefined };
  const { mount, role_id, secret_id } = login;
  const said = await anybody
    .call('POST', `auth/${mount}/login`, { role_id, secret_id })
    .catch((error: unknown) => {
      if (!(error instanceof OpenBaoRefusedError)) throw error;
      return undefined;
    });
  const read = answer.safeParse(said);
  if (!read.success)
    throw new UsageError(
      `The login at ${plainText(file, 200)} is refused: its secret-id was destroyed or has expired, or AppRole is not at auth/${mount}.`,
    );
  const bao = anybody.as(read.data.auth.client_token);
  return {
    bao,
    signOut: async () => {
      // A token that stays ends by itself.
      await bao.call('POST', 'auth/token/revoke-self').catch(() => undefined);
    },
  };
};
