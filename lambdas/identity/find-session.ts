import { randomBytes } from 'node:crypto';
import type { SigningKeys } from '../credential-client/credential-client';
import { sha256Hex } from '../shared/digest';
import type { HttpRequest } from '../shared/http';
import { cookieIn, hostCookie, hostCookieName } from './cookies';
import type { Session, SessionStore } from './session-store';
import { readSigned, signValue } from './signed-value';

export interface FindSessionDeps {
  readonly sessions: Pick<SessionStore, 'find'>;
  readonly signingKeys: SigningKeys;
  readonly publicUrl: string;
  readonly idleMinutes: number;
  readonly now: () => Date;
}

export interface FoundSession {
  readonly session: Session;
  /** Sent back, so that the time of being idle begins anew. */
  readonly cookie: string;
}

const name = 'session';
const purpose = 'session';
const form = /^[A-Za-z0-9_-]{43}\.\d{1,12}\.[A-Za-z0-9_-]{43}$/;

export const newSessionId = (): string => randomBytes(32).toString('base64url');

/** The moment of the last visit stands in the cookie, signed: whoever shows pages need not write it into a table. */
export const sessionCookie = (key: string, publicUrl: string, id: string, seen: Date): string =>
  hostCookie(publicUrl, name, signValue(key, purpose, `${id}.${Math.floor(seen.getTime() / 1000)}`));

/** Makes the browser forget. */
export const endedSessionCookie = (publicUrl: string): string => hostCookie(publicUrl, name, '', 0);

export type FindSession = (request: HttpRequest) => Promise<FoundSession | undefined>;

/** The session of a request: one that was not ended, is not too old, and was not idle for too long. */
export const makeFindSession =
  (deps: FindSessionDeps): FindSession =>
  async ({ headers }) => {
    const given = cookieIn(headers.cookie, hostCookieName(deps.publicUrl, name), form);
    if (given === undefined) return undefined;
    const value = await deps.signingKeys.verify((key) => readSigned(key, purpose, given));
    const [id, seen] = value?.split('.') ?? [];
    const now = deps.now();
    if (!id || now.getTime() - Number(seen) * 1000 >= deps.idleMinutes * 60_000) return undefined;
    const session = await deps.sessions.find(sha256Hex(id));
    if (!session || session.expiresAt <= now.toISOString()) return undefined;
    // Signed anew at each visit: within the idle time, every session has left a key that was replaced.
    const key = await deps.signingKeys.current();
    return { session, cookie: sessionCookie(key, deps.publicUrl, id, now) };
  };
