import { waitsFor } from '../approval-rules/in-words';
import { holdUps } from '../approval-rules/permission';
import { standingOf } from '../approval-rules/tally';
import type { ApprovalView } from '../shared/approval-reader';
import { timeLeft, utc } from '../shared/describe-change';
import type { Choice } from './approval-page';
import { type Html, html } from './html';
import { unreachableView } from './tending-view';

/**
 * Until when, for whom and why an approval waits, and what whoever looks can do about it: one may know all that before
 * one reads the change.
 */
export const standingView = (approval: ApprovalView, choice: Choice, now: Date): Html => {
  const { demands, starter, expiresAt } = approval;
  const { missing } = standingOf(approval);
  const own =
    'refusal' in choice
      ? html`<a href="#refusal">You cannot decide on it now</a>`
      : html`<a href="#decide">To your decision</a>`;
  return html`<p class="lead">Answer ${timeLeft(expiresAt, now)}, until <time datetime="${expiresAt}">${utc(expiresAt)}</time>. Without an answer nothing happens.</p><p id="waits-for">Waits for ${waitsFor(missing)}. ${own}</p>${holdUps(
    { demands, starter, now },
  ).map(
    ({ sentence }) => html`<div class="note warn hold-up"><p>${sentence}</p></div>`,
  )}${unreachableView(approval)}`;
};
