import type { Person } from '../approval-rules/people';
import type { SigningKeys } from '../credential-client/credential-client';
import { type FindSession, newSessionId, sessionCookie } from '../identity/find-session';
import type { SessionStore } from '../identity/session-store';
import { addressFor } from '../identity/visitor';
import { sha256Hex } from '../shared/digest';
import { SignInRefusedError } from '../shared/errors';
import type { HttpRequest, HttpResponse } from '../shared/http';
import { logger } from '../shared/logger';
import { readAttempt } from './attempt';
import { type PersonSettings, personOf } from './person-of';
import type { Provider } from './provider';
import { signInPage } from './sign-in-page';

export interface FinishSignInDeps {
  readonly provider: Pick<Provider, 'redeem'>;
  readonly sessions: Pick<SessionStore, 'create' | 'remove'>;
  readonly findSession: FindSession;
  readonly signingKeys: SigningKeys;
  readonly publicUrl: string;
  readonly people: PersonSettings;
  readonly sessionMinutes: number;
  readonly now: () => Date;
}

/** Takes the provider's answer and begins a session, always a new one. */
export const makeFinishSignIn = (deps: FinishSignInDeps) => {
  /** One that was there before ends, whoever's it was. */
  const beginSession = async (request: HttpRequest, id: string, person: Person): Promise<void> => {
    const before = await deps.findSession(request);
    if (before) await deps.sessions.remove(before.session.sessionHash);
    const now = deps.now();
    const expiresAt = new Date(now.getTime() + deps.sessionMinutes * 60_000);
    await deps.sessions.create({
      sessionHash: sha256Hex(id),
      person,
      signedInAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
      removeAt: Math.ceil(expiresAt.getTime() / 1000),
    });
    logger.info('somebody signed in', { ...person });
  };

  return async (request: HttpRequest): Promise<HttpResponse> => {
    const { query, headers } = request;
    const { signingKeys, publicUrl } = deps;
    const attempt = await readAttempt(signingKeys, publicUrl, headers.cookie, query.state ?? '', deps.now());
    if (!attempt)
      return signInPage({
        status: 400,
        title: 'This sign-in cannot be finished here',
        sentences: [
          'It was begun in another browser or more than ten minutes ago, or cookies are not kept. Nobody was signed in.',
        ],
        again: `${deps.publicUrl}/sign-in`,
      });
    const again = addressFor({ query: {} }, `${deps.publicUrl}/sign-in`, { to: attempt.to });
    if (query.error !== undefined)
      return signInPage({
        status: 403,
        title: 'The provider did not sign you in',
        sentences: ['You may have cancelled, or it refuses you this application. Nothing else happened.'],
        again,
      });
    let claims: Awaited<ReturnType<Provider['redeem']>>;
    try {
      claims = await deps.provider.redeem(query, attempt);
    } catch (error) {
      if (!(error instanceof SignInRefusedError)) throw error;
      const { code, error: reason } = error.cause as { code?: string; error?: string };
      logger.warn('a sign-in was refused', { code: code ?? 'unknown', reason });
      return signInPage({
        status: 403,
        title: 'You could not be signed in',
        sentences: [
          'What the provider answered does not prove who you are: it may have been used already, be too old, or be meant for somebody else.',
        ],
        code: error.name,
        again,
      });
    }
    const who = personOf(claims, deps.people);
    if ('refused' in who) {
      logger.warn('somebody was not let in', { code: who.refused.code });
      return signInPage({
        status: 403,
        title: 'You have no access here',
        sentences: who.refused.sentences,
        code: who.refused.code,
        again,
      });
    }
    const id = newSessionId();
    await beginSession(request, id, who.person);
    return {
      status: 303,
      headers: {
        'Set-Cookie': sessionCookie(await signingKeys.current(), publicUrl, id, deps.now()),
        Location: `${deps.publicUrl}/${attempt.to}`,
      },
      body: '',
    };
  };
};
