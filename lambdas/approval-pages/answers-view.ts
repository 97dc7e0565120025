import { oneOf, stillMissing } from '../approval-rules/in-words';
import type { Quorum } from '../approval-rules/rule-set';
import { standingOf } from '../approval-rules/tally';
import type { ApprovalView } from '../shared/approval-reader';
import { utc } from '../shared/describe-change';
import { mailLine } from '../shared/publish-mail';
import { starterText } from '../shared/starter-of';
import { type Html, html } from './html';

const quorumText = ({ people, from }: Quorum): string => `${people} of ${oneOf(from)}`;

/** Which rules ask for whose answer, and what was answered so far. */
export const answersView = (approval: ApprovalView): Html => {
  const { demands, votes, status, starter } = approval;
  const { missing } = standingOf(approval);
  const rules = demands.approvals.map(({ rule, why, quorums }) => {
    const open = missing.find((one) => one.rule === rule);
    const state = open
      ? html`<span class="${status === 'pending' ? 'warn' : 'hint'}">◷ ${stillMissing(open)}</span>`
      : html`<span class="good">✓ met</span>`;
    return html`<li><span class="act">${state}</span> ${why} <span class="hint">${quorums.map(quorumText).join(' and ')} (rule ${rule})</span></li>`;
  });
  const answers = votes.map(
    ({ person, outcome, at, comment, breaksGlass, seats }) =>
      html`<li><span class="act ${outcome === 'approved' ? 'good' : 'danger'}">${outcome === 'approved' ? '✓ Approved' : '✕ Rejected'}</span> by <strong>${mailLine(person, 128)}</strong>${
        seats.length > 1
          ? html` (also for ${seats
              .slice(1)
              .map(({ id }) => mailLine(id, 128))
              .join(', ')})`
          : ''
      }, <time datetime="${at}">${utc(at)}</time>${breaksGlass ? html` <strong class="danger">as an emergency</strong>` : ''}${
        comment === null ? '' : html`<br>“${mailLine(comment, 1000)}”`
      }</li>`,
  );
  return html`<h2>Who decides</h2><p id="starter">Asked for by: ${mailLine(starterText(starter), 300)}${
    starter.verified ? '' : html`. <span class="hint">Whom AWS has not confirmed yet is a claim.</span>`
  }</p><ul class="rows">${rules}</ul>${
    votes.length === 0 ? '' : html`<h3>Answers so far</h3><ul class="rows" id="answers">${answers}</ul>`
  }`;
};
