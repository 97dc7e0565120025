import { createSign } from 'node:crypto';
import * as z from 'zod';
import { GithubRefusedError } from './errors';

/** The secret of a GitHub App: what its tokens are asked for with. */
const appSecret = z.object({
  appId: z.coerce.string().regex(/^\d{1,20}$/),
  installationId: z.coerce.string().regex(/^\d{1,20}$/),
  privateKey: z.string().startsWith('-----BEGIN'),
});
type AppSecret = z.infer<typeof appSecret>;

/** What a function may do with its token; the app itself may do more. */
export type GithubPermissions = Readonly<
  Partial<Record<'contents' | 'pull_requests' | 'statuses', 'read' | 'write'>>
>;

/** @throws GithubRefusedError when it was not filled in. */
export const parseAppSecret = (text: string): AppSecret => {
  try {
    return appSecret.parse(JSON.parse(text));
  } catch {
    throw new GithubRefusedError(
      'The secret of the GitHub App is not filled in: it must hold {"appId": …, "installationId": …, "privateKey": …} (docs/github.md).',
    );
  }
};

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The app's word that it is itself: valid for nine minutes, and a minute in the past, since clocks differ. */
export const appJwt = ({ appId, privateKey }: AppSecret, now: Date): string => {
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = { iat: seconds - 60, exp: seconds + 9 * 60, iss: appId };
  const said = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims)}`;
  try {
    return `${said}.${createSign('RSA-SHA256').update(said).sign(privateKey, 'base64url')}`;
  } catch {
    throw new GithubRefusedError(
      "The private key in the secret of the GitHub App cannot be used. Put in the app's key as GitHub gave it (docs/github.md).",
    );
  }
};
