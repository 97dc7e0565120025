import type { SigningKeys } from '../credential-client/credential-client';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { attemptCookie, newAttempt } from './attempt';
import { ownPage } from './own-page';
import type { Provider } from './provider';

export interface BeginSignInDeps {
  readonly provider: Pick<Provider, 'signInUrl'>;
  readonly signingKeys: Pick<SigningKeys, 'current'>;
  readonly publicUrl: string;
  readonly now: () => Date;
}

/**
 * Sends somebody to the provider. What proves later that the answer belongs to this browser stays in its cookie:
 * nothing is stored for people who are not known yet.
 */
export const makeBeginSignIn =
  (deps: BeginSignInDeps) =>
  async ({ query: { to } }: HttpRequest): Promise<HttpResponse> => {
    const attempt = newAttempt(ownPage(to), deps.now());
    const [key, Location] = await Promise.all([deps.signingKeys.current(), deps.provider.signInUrl(attempt)]);
    return {
      status: 303,
      headers: {
        Location,
        'Set-Cookie': attemptCookie(key, deps.publicUrl, attempt),
      },
      body: '',
    };
  };
