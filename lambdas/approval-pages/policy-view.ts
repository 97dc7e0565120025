import type { PolicyResult } from '../shared/contract';
import { plainText } from '../shared/plain-text';
import { type Html, html } from './html';
import { pageBudget } from './page-budget';

/** The gravest reasons come first; the log of the run has them all. */
const mostBytes = 6000;

/** What the policy on plans says of a change that may be decided: nothing, or why it needs a stricter gate. */
export const policyView = ({ verdict, reasons, total }: PolicyResult): Html => {
  if (verdict === 'allow') return html`<h2>Policy</h2><p>The policy on plans has no objection.</p>`;
  const room = pageBudget(mostBytes);
  const shown = reasons
    .map(
      ({ rule, address, message }) =>
        html`<li>${address === '' ? '' : html`<code>${plainText(address, 300)}</code>: `}${plainText(message, 300)} <span class="hint">(rule ${plainText(rule, 63)})</span></li>`,
    )
    .filter(room.take);
  const hidden = total - shown.length;
  return html`<h2>Policy</h2><div class="note danger"><p><strong>⚠ The policy on plans asks for a stricter decision</strong>, for ${total} ${total === 1 ? 'reason' : 'reasons'}:</p><ul>${shown}</ul>${hidden > 0 ? html`<p>And ${hidden} more, which the log of the run lists.</p>` : ''}</div>`;
};
