import { errorPage, messagePage } from '../approval-pages/page';
import { SignInUnavailableError } from '../shared/errors';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import { type BeginSignInDeps, makeBeginSignIn } from './begin-sign-in';
import { type FinishSignInDeps, makeFinishSignIn } from './finish-sign-in';
import type { Provider } from './provider';
import { signInPage } from './sign-in-page';
import { makeAskSignOut, makeSignOut, type SignOutDeps } from './sign-out';

export type SignInDeps = BeginSignInDeps & FinishSignInDeps & SignOutDeps & { readonly provider: Provider };

/** Answers `/sign-in`, `/sign-in/callback` and `/sign-out`. */
export const makeSignIn = (deps: SignInDeps) => {
  const reading = {
    '/sign-in': makeBeginSignIn(deps),
    '/sign-in/callback': makeFinishSignIn(deps),
    '/sign-out': makeAskSignOut(deps),
  };
  const signOut = makeSignOut(deps);

  return async (request: HttpRequest, route: string): Promise<HttpResponse> => {
    const answer =
      request.method === 'POST' && route === '/sign-out'
        ? signOut
        : request.method === 'GET' && Object.hasOwn(reading, route)
          ? reading[route as keyof typeof reading]
          : undefined;
    if (!answer) return messagePage(405, 'This address is not called like this', ['Nothing was done.']);
    try {
      return await answer(request);
    } catch (error) {
      const { name, cause } = error as Error;
      logger.error('a sign-in could not be handled', {
        code: name,
        cause: (cause as { code?: string; name?: string } | undefined)?.code,
      });
      if (!(error instanceof SignInUnavailableError)) return errorPage();
      return signInPage({
        status: 503,
        title: 'The sign-in provider cannot be reached',
        sentences: [
          'Nothing was decided and nobody was signed in. Please try again in a minute.',
          'If this stays, tell the people who run the orchestrator.',
        ],
        code: name,
        again: `${deps.publicUrl}/sign-in`,
      });
    }
  };
};
