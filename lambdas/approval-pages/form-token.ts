import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from '../credential-client/credential-client';
import { sha256Hex } from '../shared/digest';

/** Goes with a form: binds it to one approval and one visitor, and only we can make it. */
export const formToken = (secret: string, approvalId: string, binding: string): string =>
  createHmac('sha256', secret).update(['approval-form', approvalId, binding].join('\n')).digest('base64url');

/** In constant time. */
const sameToken = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(sha256Hex(left)), Buffer.from(sha256Hex(right)));

/** Whether we made it for this approval and visitor, with a key that still counts. */
export const isFormToken = async (
  keys: SigningKeys,
  given: string,
  approvalId: string,
  binding: string,
): Promise<boolean> =>
  /^[A-Za-z0-9_-]{43}$/.test(given) &&
  (await keys.verify((key) => sameToken(given, formToken(key, approvalId, binding)) || undefined)) === true;
