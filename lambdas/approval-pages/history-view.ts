import type { Vote } from '../approval-rules/people';
import type { ApprovalView } from '../shared/approval-reader';
import { utc } from '../shared/describe-change';
import { mailLine } from '../shared/publish-mail';
import type { RunState } from '../shared/run-reader';
import { type Html, html } from './html';
import { tendedView } from './tending-view';

const when = (at: string): Html => html`<time datetime="${at}">${utc(at)}</time>`;

/** Comments of this many answers stand in full; of more, each is shortened, so that a page stays a page. */
const fullComments = 4;

const answer = ({ person, outcome, at, comment, breaksGlass, seats }: Vote, mostOfComment: number): Html =>
  html`<li><span class="act ${outcome === 'approved' ? 'good' : 'danger'}">${outcome === 'approved' ? '✓ Approved' : '✕ Rejected'}</span> by <strong>${mailLine(person, 128)}</strong>${
    seats.length > 1
      ? html` (also for ${seats
          .slice(1)
          .map(({ id }) => mailLine(id, 128))
          .join(', ')})`
      : ''
  }, ${when(at)}${breaksGlass ? html` <strong class="danger">as an emergency</strong>` : ''}${
    comment === null ? '' : html`<br>“${mailLine(comment, mostOfComment)}”`
  }</li>`;

const ends = {
  approved: 'The answers sufficed: approved',
  rejected: 'Rejected',
  expired: 'Expired: too few had answered',
  voided: 'Void: its run had ended',
} as const;

const end = ({ status, decidedAt, callbackPending }: ApprovalView): Html => {
  if (status === 'pending') return html``;
  const told = status === 'approved' || status === 'rejected';
  return html`<li><span class="act">■ Ended</span> ${ends[status]}${decidedAt === undefined ? '' : html`, ${when(decidedAt)}`}</li>${
    !told
      ? ''
      : callbackPending
        ? html`<li><span class="act warn">◷ Run</span> not told yet; that is made up for within a minute</li>`
        : html`<li><span class="act">▸ Run</span> was told, and goes on from there</li>`
  }`;
};

const runWords = {
  running: '▸ Runs',
  stopping: '◷ Stops',
  ended: '■ Ended',
} as const;

const runView = ({ runId }: ApprovalView, run: RunState): Html =>
  html`<li><span class="act">${runWords[run.status]}</span> Run <code>${runId}</code>${
    run.outcome === undefined
      ? ''
      : html`: <strong id="run-outcome" class="${run.outcome === 'failed' ? 'danger' : ''}">${run.outcome}</strong>`
  }${run.endedAt === undefined ? '' : html`, ${when(run.endedAt)}`}</li>`;

/** What happened to an approval, in its order: from its record and its run's, and from nothing else. */
export const historyView = (approval: ApprovalView, run?: RunState): Html => {
  const { createdAt, starter, votes, mailedTo = [], status } = approval;
  const asker =
    starter.id === null
      ? ''
      : html` for ${mailLine(starter.id, 128)}${starter.verified ? '' : ' (unverified)'}`;
  return html`<h2>What happened</h2><ol class="rows" id="history"><li><span class="act">▸ Asked</span>${asker}, ${when(createdAt)}${
    mailedTo.length === 0 ? '' : html`; mailed to ${mailedTo.map((id) => mailLine(id, 128)).join(', ')}`
  }</li>${tendedView(approval)}${votes.map((vote) => answer(vote, votes.length > fullComments ? 200 : 1000))}${end(approval)}${
    run && status !== 'pending' ? runView(approval, run) : ''
  }</ol>`;
};
