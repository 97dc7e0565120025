import { oneOf, stillMissing } from '../approval-rules/in-words';
import type { Quorum } from '../approval-rules/rule-set';
import { standingOf } from '../approval-rules/tally';
import type { ApprovalView } from '../shared/approval-reader';
import { type Html, html } from './html';

const quorumText = ({ people, from }: Quorum): string => `${people} of ${oneOf(from)}`;

/** Which rules ask for whose answer, why, and what is still missing. */
export const answersView = (approval: ApprovalView): Html => {
  const { demands, status } = approval;
  const { missing } = standingOf(approval);
  const rules = demands.approvals.map(({ rule, why, quorums }) => {
    const open = missing.find((one) => one.rule === rule);
    const state = open
      ? html`<span class="${status === 'pending' ? 'warn' : 'hint'}">◷ ${stillMissing(open)}</span>`
      : html`<span class="good">✓ met</span>`;
    return html`<li><span class="act">${state}</span> ${why} <span class="hint">${quorums.map(quorumText).join(' and ')} (rule ${rule})</span></li>`;
  });
  return html`<h2>Who decides</h2><ul class="rows">${rules}</ul>`;
};
