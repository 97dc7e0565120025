import type { Vote } from '../approval-rules/people';
import { tally } from '../approval-rules/tally';
import type { ApprovalView } from '../shared/approval-reader';
import { utc } from '../shared/describe-change';
import { type Mail, mailLine } from '../shared/publish-mail';

const stateOf = ({ status, demands, votes }: ApprovalView): string => {
  if (status === 'approved')
    return tally(demands, votes).byBreakGlass
      ? 'That decides it: the change goes around the rules, and is carried out now.'
      : 'The change was approved by the rules all the same, and is carried out now.';
  if (status !== 'pending') return `Nothing comes of it: the request is ${status}.`;
  const broken = votes.filter(({ breaksGlass }) => breaksGlass).length;
  const more = Math.max(0, (demands.breakGlass?.people ?? 2) - broken);
  return `Nothing is carried out yet: it takes ${more} more. Whoever may decide can still reject it.`;
};

/** Tells operations that somebody goes around the rules. */
export const glassMail = (approval: ApprovalView, answers: readonly Vote[], topicArn: string): Mail => ({
  topicArn,
  subject: `Glass broken: ${approval.workspace} (${approval.runId})`,
  text: [
    `The glass was broken for a change of ${approval.workspace}. ${stateOf(approval)}`,
    '',
    ...answers.flatMap(({ person, at, comment }) => [
      `By:            ${mailLine(person, 128)}, ${utc(at)}`,
      `Reason:        ${mailLine(comment ?? '', 1000) || 'none'}`,
    ]),
    `Run:           ${approval.runId}`,
    `Change digest: ${approval.change.digest}`,
    '',
    'If that is no emergency, stop the run, and ask the people named above.',
    '',
  ].join('\n'),
});
