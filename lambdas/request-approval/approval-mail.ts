import type { Starter } from '../approval-rules/people';
import { type Change, lostIn } from '../shared/change';
import { describeChange, timeLeft, utc } from '../shared/describe-change';
import { type Mail, mailLine } from '../shared/publish-mail';
import { starterText } from '../shared/starter-of';

const toolsOf = ({ plan, playbook, script }: Change): string =>
  [
    plan && `OpenTofu ${mailLine(plan.engine.version, 32)}, module ${mailLine(plan.module, 63)}`,
    playbook && `Ansible, role ${mailLine(playbook.role, 63)}`,
    script && `script ${mailLine(script.name, 63)}`,
  ]
    .filter((tool) => tool !== null)
    .join('; ');

/** The question to one approver. Holds their personal link, and no other secret. */
export const approvalMail = (about: {
  change: Change;
  starter: Starter;
  digest: string;
  expiresAt: string;
  link: string;
  topicArn: string;
  now: Date;
}): Mail => {
  const { change, starter, digest, expiresAt, link, topicArn, now } = about;
  const destructive = lostIn(change);
  const lines = [
    describeChange(change),
    ...(destructive > 0
      ? [
          '',
          `Attention: ${destructive} existing ${destructive === 1 ? 'resource is' : 'resources are'} destroyed or replaced.`,
        ]
      : []),
    '',
    `Why:           ${mailLine(change.reason, 500) || 'no reason given'}`,
    `Requested by:  ${mailLine(starterText(starter), 300)}`,
    `Workspace:     ${change.workspace}`,
    `Tools:         ${toolsOf(change)}`,
    `Run:           ${change.runId}`,
    `Change digest: ${digest}`,
    `Answer until:  ${utc(expiresAt)} (${timeLeft(expiresAt, now)})`,
    '',
    'See the whole change, then approve or reject it:',
    link,
    '',
    'The link is yours alone; do not forward it. Opening it decides nothing. Without an answer nothing happens.',
    '',
  ];
  return {
    topicArn,
    subject: `${destructive > 0 ? 'Approval needed, destroys' : 'Approval needed'}: ${change.workspace} (${change.runId})`,
    text: lines.join('\n'),
  };
};
