import type { ApprovalView } from '../shared/approval-reader';
import { utc } from '../shared/describe-change';
import { mailLine } from '../shared/publish-mail';
import { type Html, html } from './html';

/** Whom mail does not reach, while their answer may be what is missing. */
export const unreachableView = ({ unreachable = [] }: Pick<ApprovalView, 'unreachable'>): Html =>
  unreachable.length === 0
    ? html``
    : html`<div class="note warn" id="unreachable"><p>Mail does not reach ${unreachable
        .map((id) => mailLine(id, 128))
        .join(', ')}: the subscription is not confirmed, or gone. Tell them yourself.</p></div>`;

/** When people were asked again: reminders as one line, since there may be many. */
export const tendedView = ({
  createdAt,
  demands,
  reminded = 0,
  escalated = 0,
}: Pick<ApprovalView, 'createdAt' | 'demands' | 'reminded' | 'escalated'>): Html => {
  const after = (hours: number): Html => {
    const at = new Date(Date.parse(createdAt) + hours * 3_600_000).toISOString();
    return html`<time datetime="${at}">${utc(at)}</time>`;
  };
  const escalations = demands.escalations
    .slice(0, escalated)
    .map(
      ({ to, afterHours }) =>
        html`<li><span class="act">▸ Escalated</span> to ${to}, ${after(afterHours)}</li>`,
    );
  const reminders =
    reminded === 0 || demands.remindAfterHours === null
      ? ''
      : html`<li><span class="act">◷ Reminded</span> last at ${after(reminded * demands.remindAfterHours)}</li>`;
  return html`${escalations}${reminders}`;
};
