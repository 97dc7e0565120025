import type { Refusal } from '../approval-rules/permission';
import type { Visitor } from '../identity/visitor';
import type { ApprovalView } from '../shared/approval-reader';
import { utc } from '../shared/describe-change';
import type { HttpResponse } from '../shared/http';
import { mailLine } from '../shared/publish-mail';
import type { RunState } from '../shared/run-reader';
import { answersView } from './answers-view';
import { type ChangeLinks, changeLinks } from './change-links';
import { changeView, headlineOf, isRisky, lossView, type WholeChange } from './change-view';
import { historyView } from './history-view';
import { type Html, html } from './html';
import { ownNav } from './own-nav';
import { page } from './page';
import { bytesOf, type PageBudget, pageBudget } from './page-budget';
import { standingView } from './standing-view';

/** What one person may do on the page: a form to answer with, or why there is none. */
export type Choice =
  | { readonly refusal: Refusal }
  | { readonly token: string; readonly mayBreakGlass: boolean; readonly approvalRefusal?: Refusal };

/** What a person has typed, and what is wrong with it. */
export interface Draft {
  readonly comment: string;
  readonly problem: string;
}

const refused = ({ sentence }: Refusal): Html =>
  html`<div class="note warn" id="refusal"><p><strong>You cannot decide on this now.</strong> ${sentence}</p></div>`;

const emergencyField = (approval: ApprovalView): Html =>
  html`<details><summary>This is an emergency</summary><p class="hint">${approval.demands.breakGlass?.people ?? 2} people together may approve past the rules and their hours. Say why in the comment, in ${approval.demands.breakGlass?.reasonAtLeast ?? 0} characters at least. It is recorded as broken glass, and everybody is told.</p><label><input type="checkbox" name="emergency" value="yes"> Break the glass</label></details>`;

const form = (
  approval: ApprovalView,
  whole: WholeChange,
  visitor: Visitor,
  choice: Exclude<Choice, { refusal: Refusal }>,
  draft?: Draft,
): Html =>
  html`<form method="post" action="${approval.approvalId}" autocomplete="off" aria-labelledby="decide"><h2 id="decide">Your decision</h2>${
    draft
      ? html`<div class="note danger" role="alert" id="problem"><p><strong>Not decided yet.</strong> ${draft.problem}</p></div>`
      : ''
  }${Object.entries(visitor.query).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<input type="hidden" name="csrf" value="${choice.token}"><label for="comment">Comment (optional)</label><p class="hint" id="comment-hint">Recorded with your decision and told in the mail about the run. No secrets, please.</p><textarea id="comment" name="comment" maxlength="1000" aria-describedby="comment-hint">${draft?.comment ?? ''}</textarea><label for="confirmation">Type <code id="workspace">${approval.workspace}</code> to confirm</label><p class="hint" id="confirmation-hint">The name of the workspace, for either answer.</p><input type="text" id="confirmation" name="confirmation" required maxlength="200" autocapitalize="none" autocorrect="off" spellcheck="false"${
    draft
      ? html` aria-invalid="true" aria-describedby="confirmation-hint problem"`
      : html` aria-describedby="confirmation-hint"`
  }>${choice.mayBreakGlass ? emergencyField(approval) : ''}${
    choice.approvalRefusal ? html`<div class="note warn"><p>${choice.approvalRefusal.sentence}</p></div>` : ''
  }<div class="choices"><button type="submit" hidden disabled></button><button type="submit" name="decision" value="approve" class="approve ${isRisky(whole) ? 'risky' : ''}">${
    isRisky(whole) ? 'Approve, with what it destroys' : 'Approve'
  }</button><button type="submit" name="decision" value="reject" class="reject">Reject</button></div></form>`;

const linksOf = ({ approvalId }: ApprovalView, visitor: Visitor): ChangeLinks =>
  changeLinks(`${approvalId}/changes`, visitor);

/** Most bytes of what a change holds, and bytes of that together with everything around it: with style under 60 KB. */
const mostOfChange = 24_000;
const mostOfAll = 34_000;

/** Room for what a change holds, beside what else is on its page. */
const roomBeside = (...others: readonly Html[]): PageBudget =>
  pageBudget(
    Math.max(0, Math.min(mostOfChange, mostOfAll - others.reduce((sum, part) => sum + bytesOf(part), 0))),
  );

/** Asks for the decision. What there is no room for is linked from it. */
export const pendingPage = (
  approval: ApprovalView,
  whole: WholeChange,
  now: Date,
  visitor: Visitor,
  choice: Choice,
  draft?: Draft,
): HttpResponse => {
  const above = html`${ownNav(visitor, { root: '../', isList: false })}<span class="state warn" data-decision="pending">◷ Waiting for a decision</span><h1>${headlineOf(whole)}</h1>${lossView(whole)}${standingView(approval, choice, now)}`;
  const below = html`${answersView(approval)}${historyView(approval)}${
    'refusal' in choice ? refused(choice.refusal) : form(approval, whole, visitor, choice, draft)
  }`;
  const links = linksOf(approval, visitor);
  return page(
    draft ? 400 : 200,
    `${draft ? 'Not decided yet: ' : ''}Approve a change of ${approval.workspace}`,
    html`${above}${changeView(whole, links, approval.starter, roomBeside(above, below))}${below}`,
    visitor.headers,
  );
};

const expired = (approval: ApprovalView): { title: string; body: Html } => ({
  title: 'This request has expired',
  body: html`<span class="state">◌ Expired</span><h1>This request has expired</h1><div class="note"><p>${approval.votes.length === 0 ? 'Nobody' : 'Not everybody who was needed'} answered until <time datetime="${approval.expiresAt}">${utc(approval.expiresAt)}</time>, so nothing was carried out.</p><p>If the change is still wanted, its run has to be started again.</p></div>`,
});

const ended = (approval: ApprovalView, now: Date, viewer: string): { title: string; body: Html } => {
  const { status, decidedAt, votes, askRefusal } = approval;
  if (askRefusal !== undefined && status === 'voided')
    return {
      title: 'Nothing to decide',
      body: html`<span class="state">◌ Void</span><h1>Nothing to decide</h1><div class="note" id="ask-refusal"><p><strong>Whoever asked for this change may not.</strong> ${mailLine(askRefusal, 1000)}</p><p>The run has ended and its change will not be carried out. Somebody who may ask for it can start a new run.</p></div>`,
    };
  if (status === 'voided')
    return {
      title: 'Nothing to decide any more',
      body: html`<span class="state">◌ Run ended</span><h1>Nothing to decide any more</h1><div class="note"><p>The run ended before ${approval.votes.length === 0 ? 'anybody' : 'everybody who was needed'} answered${
        decidedAt ? html`, <time datetime="${decidedAt}">${utc(decidedAt)}</time>` : ''
      }. This request is void, and its change will not be carried out.</p></div>`,
    };
  if (status === 'expired' || (status === 'pending' && approval.expiresAt <= now.toISOString()))
    return expired(approval);
  const good = status === 'approved';
  const deciders = votes.filter(({ outcome }) => outcome === status).map(({ person }) => person);
  return {
    title: good ? 'Approved' : 'Rejected',
    body: html`<span class="state ${good ? 'good' : 'danger'}">${good ? '✓ Approved' : '✕ Rejected'}</span><h1>${good ? 'This change was approved' : 'This change was rejected'}</h1><div class="note ${good ? 'good' : ''}"><p><strong id="decision" data-decision="${status}">${good ? 'Approved' : 'Rejected'}</strong> by <strong id="decided-by">${deciders.map((person) => mailLine(person, 128)).join(', ')}</strong>${
      deciders.includes(viewer) ? ' (you)' : ''
    }, <time id="decided-at" datetime="${decidedAt ?? ''}">${utc(decidedAt ?? '')}</time>.</p><p>${good ? 'The run goes on with exactly this change; its end is told by mail.' : 'Nothing was touched. The run ends here.'} The decision is final.</p></div>`,
  };
};

/** The page of a request that takes no decision any more, with the change below where it can still be read. */
export const endedPage = (
  approval: ApprovalView,
  whole: WholeChange | undefined,
  now: Date,
  visitor: Visitor,
  { status = 200, run }: { status?: number; run?: RunState | undefined } = {},
): HttpResponse => {
  const { title, body } = ended(approval, now, visitor.person.id);
  const above = html`${ownNav(visitor, { root: '../', isList: false })}${body}${historyView(approval, run)}`;
  const below = answersView(approval);
  const details = whole
    ? html`<h2>The change</h2><p>${headlineOf(whole)}</p>${lossView(whole)}${changeView(whole, linksOf(approval, visitor), approval.starter, roomBeside(above, below))}`
    : html`<p>The details of the change cannot be shown now. Its digest: <code>${approval.change.digest}</code>.</p>`;
  return page(status, `${title}: ${approval.workspace}`, html`${above}${details}${below}`, visitor.headers);
};
