import { waitsFor } from '../approval-rules/in-words';
import type { Delegation } from '../approval-rules/people';
import { refuseToDecide } from '../approval-rules/permission';
import { standingOf } from '../approval-rules/tally';
import type { Visitor } from '../identity/visitor';
import type { ApprovalView } from '../shared/approval-reader';
import { lostOf } from '../shared/change';
import { timeLeft, utc } from '../shared/describe-change';
import { mailLine } from '../shared/publish-mail';
import { type Html, html } from './html';

/** Who looks at a list, and when. */
export interface Onlooker {
  readonly visitor: Pick<Visitor, 'person' | 'query' | 'headers'>;
  readonly delegations: readonly Delegation[];
  readonly now: Date;
}

/** A list is for finding: the page of the approval itself says everything. */
const mostOfHeadline = 140;
const mostOfName = 64;

const ends = {
  approved: { words: '✓ Approved', tone: 'good' },
  rejected: { words: '✕ Rejected', tone: 'danger' },
  expired: { words: '◌ Expired', tone: '' },
  voided: { words: '◌ Run ended', tone: '' },
} as const;

/** What whoever looks can do about it. */
const ownState = (
  { demands, starter, votes }: ApprovalView,
  { visitor: { person }, delegations, now }: Onlooker,
): Html => {
  const own = votes.find((vote) => vote.person === person.id);
  if (own) return html`<span>${own.outcome === 'approved' ? '✓ You approved' : '✕ You rejected'}</span>`;
  const situation = { demands, starter, votes, delegations, now };
  const refusal = refuseToDecide(situation, person, { outcome: 'approved' });
  return refusal
    ? html`<span class="warn">◷ ${refusal.sentence}</span>`
    : html`<strong class="good">▸ You may answer</strong>`;
};

const endState = ({ status, votes, decidedAt, expiresAt }: ApprovalView): Html => {
  const { words, tone } = ends[status === 'pending' ? 'expired' : status];
  const at = decidedAt ?? expiresAt;
  const by = votes.filter(({ outcome }) => outcome === status).map(({ person }) => person);
  return html`<span><strong class="${tone}">${words}</strong>${by.length === 0 ? '' : html` by ${mailLine(by.join(', '), mostOfName * 2)}`}, <time datetime="${at}">${utc(at)}</time></span>`;
};

const row = (approval: ApprovalView, onlooker: Onlooker): Html => {
  const { approvalId, workspace, summary, starter, expiresAt, status } = approval;
  const waits = status === 'pending' && expiresAt > onlooker.now.toISOString();
  const lost = summary ? lostOf(summary.counts) : 0;
  const asker = starter.id === null ? 'nobody said who' : mailLine(starter.id, mostOfName);
  return html`<li><a href="approvals/${approvalId}">${summary ? mailLine(summary.headline, mostOfHeadline) : `A change of ${workspace}`}</a>${
    lost > 0
      ? html`<strong class="danger">⚠ ${lost} existing ${lost === 1 ? 'resource is' : 'resources are'} lost</strong>`
      : ''
  }${waits ? ownState(approval, onlooker) : endState(approval)}<span class="hint">${
    waits
      ? html`Answer <strong>${timeLeft(expiresAt, onlooker.now)}</strong>, until <time datetime="${expiresAt}">${utc(expiresAt)}</time>. Waits for ${mailLine(waitsFor(standingOf(approval).missing), 200)}. `
      : ''
  }Asked for by ${asker}${starter.verified || starter.id === null ? '' : ' (unverified)'}.</span></li>`;
};

/** Approvals, one after the other, each a link to its page. */
export const listView = (approvals: readonly ApprovalView[], onlooker: Onlooker): Html =>
  html`<ul class="cards">${approvals.map((approval) => row(approval, onlooker))}</ul>`;
