import { randomBytes } from 'node:crypto';
import { byMailPage, wrongLinkPage } from '../approval-pages/page';
import type { Person } from '../approval-rules/people';
import { holderOf } from '../shared/approval-link';
import { sha256Hex } from '../shared/digest';
import { cookieIn } from './cookies';
import type { Identify } from './visitor';

export interface ByLinkDeps {
  /** Who answers now and with which groups, whoever was mailed then. */
  readonly findPerson: (id: string) => Person | undefined;
}

const cookieForm = /^[A-Za-z0-9_-]{43}$/;

/** One cookie per approval, so that two open approvals do not replace each other's. */
const cookieName = (approvalId: string): string => `approval-${sha256Hex(approvalId).slice(0, 12)}`;

/**
 * The holder of a personal link is who it was mailed to. Their forms are bound to the link and to a random cookie,
 * which another site can neither read nor send.
 */
export const makeIdentifyByLink =
  ({ findPerson }: ByLinkDeps): Identify =>
  async ({ headers }, visit) => {
    if (!('approval' in visit)) return { turnedAway: byMailPage() };
    const { approval, key = '' } = visit;
    const holder = holderOf(approval, key);
    if (!approval || !holder) return { turnedAway: wrongLinkPage() };
    const name = cookieName(approval.approvalId);
    const known = cookieIn(headers.cookie, name, cookieForm);
    const cookie = known ?? randomBytes(32).toString('base64url');
    const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
    return {
      visitor: {
        person: findPerson(holder.approver) ?? { id: holder.approver, groups: [] },
        binding: `${holder.nonceHash}\n${cookie}`,
        query: { key },
        headers: known
          ? {}
          : { 'Set-Cookie': `${name}=${cookie}; Path=/; HttpOnly; SameSite=Strict${secure}` },
      },
    };
  };
