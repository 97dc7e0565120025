import { formToken, isFormToken } from '../approval-pages/form-token';
import { type Html, html } from '../approval-pages/html';
import { page } from '../approval-pages/page';
import type { SigningKeys } from '../credential-client/credential-client';
import { endedSessionCookie, type FindSession } from '../identity/find-session';
import type { SessionStore } from '../identity/session-store';
import { isForeign } from '../shared/foreign-request';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import type { Provider } from './provider';
import { signInPage } from './sign-in-page';

export interface SignOutDeps {
  readonly provider: Pick<Provider, 'signOutUrl'>;
  readonly sessions: Pick<SessionStore, 'remove'>;
  readonly findSession: FindSession;
  readonly signingKeys: SigningKeys;
  readonly publicUrl: string;
}

/** In the place of an approval's id, in the token of the form. */
const purpose = 'sign-out';

/** Asks whether to sign out: a GET ends nothing. */
export const makeAskSignOut =
  (deps: SignOutDeps) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const found = await deps.findSession(request);
    if (!found) return signedOut(deps);
    const { session, cookie } = found;
    const token = formToken(await deps.signingKeys.current(), purpose, session.sessionHash);
    return page(
      200,
      'Sign out',
      html`<h1>Sign out</h1><p class="lead">You are ${session.person.id}.</p><form method="post" action="sign-out"><input type="hidden" name="csrf" value="${token}"><div class="choices"><button type="submit">Sign out</button></div></form>`,
      { 'Set-Cookie': cookie },
    );
  };

/** Their session at the provider is theirs to end: it may serve other applications. */
const providersPage = async ({ provider }: SignOutDeps): Promise<Html | undefined> => {
  const address = await provider.signOutUrl().catch((error: Error) => {
    logger.warn('the address to sign out at the provider is not known', { code: error.name });
    return undefined;
  });
  return address === undefined
    ? undefined
    : html`You may still be signed in at your provider. <a href="${address}" id="provider">Sign out there too</a>.`;
};

const signedOut = async (deps: SignOutDeps): Promise<HttpResponse> => {
  const there = await providersPage(deps);
  return signInPage({
    status: 200,
    title: 'You are signed out',
    sentences: [
      'Nothing can be decided from this browser until somebody signs in.',
      ...(there ? [there] : []),
    ],
    again: `${deps.publicUrl}/sign-in`,
    headers: { 'Set-Cookie': endedSessionCookie(deps.publicUrl) },
  });
};

/** Ends the session for good: a copy of its cookie is worth nothing afterwards. */
export const makeSignOut =
  (deps: SignOutDeps) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const found = await deps.findSession(request);
    if (!found) return signedOut(deps);
    const { sessionHash } = found.session;
    const csrf = new URLSearchParams(Buffer.from(request.body).toString('utf8')).get('csrf') ?? '';
    if (isForeign(request) || !(await isFormToken(deps.signingKeys, csrf, purpose, sessionHash)))
      return signInPage({
        status: 403,
        title: 'You are still signed in',
        sentences: [
          html`What was sent is not our form, or an old one. <a href="${deps.publicUrl}/sign-out">Open it again</a> to sign out.`,
        ],
      });
    await deps.sessions.remove(sessionHash);
    return signedOut(deps);
  };
