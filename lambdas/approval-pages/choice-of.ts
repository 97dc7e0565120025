import type { Person } from '../approval-rules/people';
import { refuseToDecide } from '../approval-rules/permission';
import type { ApprovalView } from '../shared/approval-reader';
import type { Choice } from './approval-page';

/**
 * What somebody may do now. Who may only reject still gets the form; who may not answer at all gets the reason. An
 * emergency is offered to those who may break the glass, even where they may not answer otherwise.
 */
export const choiceOf = (
  { demands, starter, votes }: ApprovalView,
  person: Person,
  now: Date,
  token: string,
): Choice => {
  const situation = { demands, starter, votes, delegations: [], now };
  const reason = 'x'.repeat(demands.breakGlass?.reasonAtLeast ?? 0);
  const mayBreakGlass =
    refuseToDecide(situation, person, { outcome: 'approved', emergency: reason }) === undefined;
  const refusal = refuseToDecide(situation, person, { outcome: 'rejected' });
  if (refusal && !mayBreakGlass) return { refusal };
  const approvalRefusal = refuseToDecide(situation, person, { outcome: 'approved' });
  return { token, mayBreakGlass, ...(approvalRefusal && { approvalRefusal }) };
};
