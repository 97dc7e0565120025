import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { SigningKeys } from '../credential-client/credential-client';
import { cookieIn, hostCookie, hostCookieName } from '../identity/cookies';
import { readSigned, signValue } from '../identity/signed-value';
import { sha256Hex } from '../shared/digest';
import { attemptSeconds } from '../shared/sign-in-attempt';

const secretPart = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** One sign-in under way. The browser that began it keeps it, so that nobody else can end it. */
const attempt = z.strictObject({
  state: secretPart,
  nonce: secretPart,
  verifier: secretPart,
  /** A page of ours. */
  to: z.string().max(1500),
  /** Seconds since 1970. */
  begunAt: z.int(),
});
export type Attempt = z.infer<typeof attempt>;

const purpose = 'sign-in';
const form = /^[A-Za-z0-9_-]{1,3000}\.[A-Za-z0-9_-]{43}$/;

/** One cookie per attempt: several pages may be waiting for the same sign-in. */
const nameOf = (state: string): string => `sign-in-${sha256Hex(state).slice(0, 12)}`;

const random = (): string => randomBytes(32).toString('base64url');

export const newAttempt = (to: string, now: Date): Attempt => ({
  state: random(),
  nonce: random(),
  verifier: random(),
  to,
  begunAt: Math.floor(now.getTime() / 1000),
});

export const attemptCookie = (key: string, publicUrl: string, begun: Attempt): string => {
  const text = Buffer.from(JSON.stringify(begun)).toString('base64url');
  return hostCookie(publicUrl, nameOf(begun.state), signValue(key, purpose, text), attemptSeconds);
};

/** The attempt that this browser began with this state, unless it took too long. */
export const readAttempt = async (
  keys: SigningKeys,
  publicUrl: string,
  cookies: string | undefined,
  state: string,
  now: Date,
): Promise<Attempt | undefined> => {
  const signed = cookieIn(cookies, hostCookieName(publicUrl, nameOf(state)), form);
  const text = signed && (await keys.verify((key) => readSigned(key, purpose, signed)));
  if (!text) return undefined;
  const begun = attempt.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  const age = now.getTime() / 1000 - begun.begunAt;
  return begun.state === state && age < attemptSeconds ? begun : undefined;
};
