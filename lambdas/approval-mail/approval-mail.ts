import type { ApprovalView } from '../shared/approval-reader';
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

/** Why somebody is mailed: it is new, nobody of those before them settled it, or their answer is still missing. */
export type Occasion = 'asked' | 'escalated' | 'reminded';

/** One approval that waits for one person's answer. */
export interface Question {
  readonly change: Change;
  readonly approval: Pick<ApprovalView, 'change' | 'createdAt' | 'expiresAt' | 'starter'>;
  readonly link: string;
  /** Whoever has the link answers as this person; otherwise they sign in. */
  readonly isPersonal: boolean;
}

const aboutLink = (isPersonal: boolean, count = 1): string =>
  [
    isPersonal
      ? count === 1
        ? 'The link is yours alone; do not forward it. Opening it decides nothing.'
        : 'The links are yours alone; do not forward them. Opening one decides nothing.'
      : 'You sign in to answer. Opening the page decides nothing.',
    'Without an answer nothing happens.',
  ].join(' ');

const because: Record<Occasion, (since: string) => string[]> = {
  asked: () => [],
  escalated: (since) => [`Nobody has settled this since ${since}, so you are asked as well.`, ''],
  reminded: (since) => [`This waits since ${since}, and your answer is still missing.`, ''],
};

const subjects: Record<Occasion, string> = {
  asked: 'Approval needed',
  escalated: 'Approval still needed',
  reminded: 'Reminder, approval needed',
};

const attention = (destructive: number): string =>
  `Attention: ${destructive} existing ${destructive === 1 ? 'resource is' : 'resources are'} destroyed or replaced.`;

/** The question to one approver. Holds their personal link, where there is one, and no other secret. */
export const approvalMail = (
  { change, approval, link, isPersonal }: Question,
  { occasion, topicArn, now }: { occasion: Occasion; topicArn: string; now: Date },
): Mail => {
  const { createdAt, expiresAt } = approval;
  const destructive = lostIn(change);
  const lines = [
    ...because[occasion](utc(createdAt)),
    describeChange(change),
    ...(destructive > 0 ? ['', attention(destructive)] : []),
    '',
    `Why:           ${mailLine(change.reason, 500) || 'no reason given'}`,
    `Requested by:  ${mailLine(starterText(approval.starter), 300)}`,
    `Workspace:     ${change.workspace}`,
    `Tools:         ${toolsOf(change)}`,
    `Run:           ${change.runId}`,
    `Change digest: ${approval.change.digest}`,
    `Answer until:  ${utc(expiresAt)} (${timeLeft(expiresAt, now)})`,
    '',
    'See the whole change, then approve or reject it:',
    link,
    '',
    aboutLink(isPersonal),
    '',
  ];
  return {
    topicArn,
    subject: `${subjects[occasion]}${destructive > 0 ? ', destroys' : ''}: ${change.workspace} (${change.runId})`,
    text: lines.join('\n'),
  };
};

/** Several questions to one person in one mail: those that came when their mails had become too many. */
export const digestMail = (
  questions: readonly Question[],
  { others, topicArn, now }: { others: number; topicArn: string; now: Date },
): Mail => {
  const destructive = questions.reduce((sum, { change }) => sum + lostIn(change), 0);
  const items = questions.flatMap(({ change, approval, link }, index) => [
    `${index + 1}. ${describeChange(change)}`,
    ...(lostIn(change) > 0 ? [`   ${attention(lostIn(change))}`] : []),
    `   Why:          ${mailLine(change.reason, 200) || 'no reason given'}`,
    `   Run:          ${change.runId}`,
    `   Answer until: ${utc(approval.expiresAt)} (${timeLeft(approval.expiresAt, now)})`,
    `   ${link}`,
    '',
  ]);
  const count = `${questions.length} ${questions.length === 1 ? 'change waits' : 'changes wait'} for your answer`;
  return {
    topicArn,
    subject: `${count}${destructive > 0 ? ', some destroy' : ''}`,
    text: [
      `${count}. They are in one mail because you had many within minutes.`,
      '',
      ...items,
      ...(others > 0 ? [`${others} more follow in the next mail.`, ''] : []),
      aboutLink(
        questions.some(({ isPersonal }) => isPersonal),
        questions.length,
      ),
      '',
    ].join('\n'),
  };
};
