import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../shared/digest';

/**
 * Double-submit protection: a random cookie, and in the form an HMAC that binds it to one approval and one
 * personal link. Another site can neither read the cookie nor make the HMAC.
 */
export const formToken = (
  secret: string,
  bound: { approvalId: string; nonceHash: string; cookie: string },
): string =>
  createHmac('sha256', secret)
    .update(['approval-form', bound.approvalId, bound.nonceHash, bound.cookie].join('\n'))
    .digest('base64url');

/** Compares two tokens in constant time. */
export const sameToken = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(sha256Hex(left)), Buffer.from(sha256Hex(right)));

const cookiePattern = /^[A-Za-z0-9_-]{43}$/;

/** One cookie per approval, so that two open approvals do not replace each other's. */
export const cookieName = (approvalId: string): string => `approval-${sha256Hex(approvalId).slice(0, 12)}`;

export const newCookieValue = (): string => randomBytes(32).toString('base64url');

/** The well-formed cookie of this approval in a Cookie header. */
export const cookieIn = (header: string | undefined, approvalId: string): string | undefined => {
  const name = cookieName(approvalId);
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    if (cookiePattern.test(value)) return value;
  }
  return undefined;
};

export const setCookie = (approvalId: string, value: string, secure: boolean): string =>
  `${cookieName(approvalId)}=${value}; Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
