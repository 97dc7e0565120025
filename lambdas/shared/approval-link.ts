import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApprovalView } from './approval-reader';
import { sha256Hex } from './digest';

/** The secret part of one personal link: 256 random bits. Only its hash is kept. */
export const newNonce = (): string => randomBytes(32).toString('base64url');

const noncePattern = /^[A-Za-z0-9_-]{43}$/;
const nobody = { approver: '', nonceHash: '0'.repeat(64) };

export interface LinkHolder {
  readonly approver: string;
  readonly nonceHash: string;
}

/**
 * Whose link this key belongs to. Compares with every link of the approval in constant time, and with one
 * that fits nobody when the approval is unknown.
 */
export const holderOf = (approval: ApprovalView | undefined, key: string): LinkHolder | undefined => {
  const given = Buffer.from(sha256Hex(key), 'hex');
  let holder: LinkHolder | undefined;
  for (const link of [nobody, ...(approval?.links ?? [])])
    if (timingSafeEqual(given, Buffer.from(link.nonceHash, 'hex'))) holder = link;
  return noncePattern.test(key) ? holder : undefined;
};
