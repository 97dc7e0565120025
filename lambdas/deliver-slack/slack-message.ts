import type { ChannelEvent } from '../channels/contract';
import { utc } from '../shared/describe-change';
import { plainText } from '../shared/plain-text';

/** The part of a message that Slack's methods take beside where it goes. */
export interface SlackMessage {
  /** What notifications and screen readers say. */
  readonly text: string;
  readonly blocks: readonly object[];
}

/** The id of the button that leads to the page; slack-interactions answers to it. */
export const openApproval = 'open-approval';

/** Slack reads `<…>` and `&` in texts: names could call a whole channel otherwise. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plain = (text: string, limit: number) => ({
  type: 'plain_text',
  text: plainText(text, limit),
  emoji: false,
});

const button = (text: string, { link, data }: ChannelEvent) =>
  link === null || !('approvalId' in data)
    ? []
    : [
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: openApproval,
              text: plain(text, 70),
              url: link,
              value: data.approvalId,
            },
          ],
        },
      ];

const message = (
  event: ChannelEvent,
  [headline, ...lines]: readonly string[],
  footnotes: readonly string[],
  open: string,
): SlackMessage => ({
  text: escaped(plainText(headline ?? '', 300)),
  blocks: [
    ...[headline ?? '', ...lines]
      .filter((line) => line !== '')
      .map((line) => ({
        type: 'section',
        text: plain(line, 1000),
      })),
    ...(footnotes.length > 0
      ? [{ type: 'context', elements: footnotes.map((note) => plain(note, 300)) }]
      : []),
    ...button(open, event),
  ],
});

const dangersOf = (dangers: readonly string[] | undefined): string[] => {
  const grave = (dangers ?? []).filter(
    (danger) => !['update', 'create', 'outputs', 'since'].includes(danger),
  );
  return grave.length > 0 ? [`Look closely at: ${grave.join(', ')}`] : [];
};

const endings = {
  approved: 'Approved',
  rejected: 'Rejected',
  'approval.expired': 'Expired: nobody decided in time',
  'approval.voided': 'No longer to be decided: the run ended before',
} as const;

/** What it means for whoever uses it, and what to do. */
const ofCredentials = {
  'credential.rotation-abandoned':
    'The rotation failed, and what is current still works. Remove the cause; the next run tries again',
  'credential.rotation-rolled-back':
    'The rotation was rolled back, and the one before works. Remove the cause, then start secret-rotation',
  'credential.rotation-overdue': 'It is two nights past its date. Look at the last run of secret-rotation',
  'credential.rotation-stuck':
    'The rotation does not move. Start secret-rotation: it goes on where this one stands',
} as const;

/** What a channel reads of an event: what will happen, to what, by when; no values, no comments, no key. */
export const slackMessage = (event: ChannelEvent): SlackMessage => {
  const what = `${event.workspace ?? 'an unknown workspace'} in ${event.environment}`;
  const headline = 'headline' in event.data ? (event.data.headline ?? '') : '';
  switch (event.type) {
    case 'approval.requested':
      return message(
        event,
        [`Approval needed: ${what}`, headline],
        [`Answer until ${utc(event.data.expiresAt)}`, ...dangersOf(event.data.dangers)],
        'Open the approval',
      );
    case 'approval.reminded':
      return message(event, [`Still waiting for an answer: ${what}`], [], 'Open the approval');
    case 'approval.escalated':
      return message(
        event,
        [`Nobody has answered yet, so ${event.data.to ?? 'the next group'} is asked, too: ${what}`],
        [],
        'Open the approval',
      );
    case 'decision.made':
      return message(
        event,
        [`${endings[event.data.outcome]} by ${event.data.by.join(', ')}: ${what}`, headline],
        [utc(event.timestamp)],
        'See the decision',
      );
    case 'approval.expired':
    case 'approval.voided':
      return message(event, [`${endings[event.type]}: ${what}`, headline], [utc(event.timestamp)], 'See it');
    case 'glass.broken':
      return message(
        event,
        [`EMERGENCY: ${event.actor} approved past the rules: ${what}`, headline],
        [utc(event.timestamp)],
        'Open the approval',
      );
    case 'run.ended':
      return message(
        event,
        [`Run ${event.data.outcome}: ${what}`],
        [`Run ${event.runId}`, ...(event.data.error === null ? [] : [event.data.error])],
        '',
      );
    case 'credential.rotation-abandoned':
    case 'credential.rotation-rolled-back':
    case 'credential.rotation-overdue':
    case 'credential.rotation-stuck': {
      const { credential, owner, error } = event.data;
      return message(
        event,
        [`Credential ${credential} in ${event.environment}`, `${ofCredentials[event.type]}.`],
        [
          ...(owner === null ? [] : [`Owner: ${owner}`]),
          ...(error === null ? [] : [error]),
          event.link ?? '',
        ],
        '',
      );
    }
    case 'callback.undeliverable':
      return message(event, [`An answer reached no run any more: ${what}`], [`Run ${event.runId}`], '');
    default:
      return message(event, [`${event.type}: ${what}`], [`Run ${event.runId}`], '');
  }
};
