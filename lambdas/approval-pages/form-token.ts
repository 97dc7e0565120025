import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../shared/digest';

/** Goes with a form: binds it to one approval and one visitor, and only we can make it. */
export const formToken = (secret: string, approvalId: string, binding: string): string =>
  createHmac('sha256', secret).update(['approval-form', approvalId, binding].join('\n')).digest('base64url');

/** Compares two tokens in constant time. */
export const sameToken = (left: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(sha256Hex(left)), Buffer.from(sha256Hex(right)));
