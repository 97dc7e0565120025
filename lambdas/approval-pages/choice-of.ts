import { refusalsOf } from '../approval-rules/explain';
import type { Delegation, Person } from '../approval-rules/people';
import type { ApprovalView } from '../shared/approval-reader';
import type { Choice } from './approval-page';

/**
 * What somebody may do now. Who may only reject still gets the form; who may not answer at all gets the reason. An
 * emergency is offered to those who may break the glass, even where they may not answer otherwise.
 */
export const choiceOf = (
  { demands, starter, votes }: ApprovalView,
  person: Person,
  delegations: readonly Delegation[],
  now: Date,
  token: string,
): Choice => {
  const { approve, reject, breakGlass } = refusalsOf({ demands, starter, votes, delegations, now }, person);
  if (reject && breakGlass) return { refusal: reject };
  return { token, mayBreakGlass: !breakGlass, ...(approve && { approvalRefusal: approve }) };
};
