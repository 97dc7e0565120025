import type { ChannelMemory } from '../channels/channel-memory';
import type { ChannelEvent } from '../channels/contract';
import { DeliveryError } from '../channels/send-request';
import { type CallSlack, SlackRefusal } from './call-slack';
import { slackMessage } from './slack-message';

interface Deps {
  /** Slack's id of each channel, by the name that routes use. */
  readonly channels: Readonly<Record<string, string>>;
  readonly memory: Pick<ChannelMemory, 'findMessage' | 'keepMessage'>;
  readonly callSlack: CallSlack;
}

/** What Slack says of a message that cannot be changed any more. */
const gone = ['message_not_found', 'cant_update_message', 'edit_window_closed'];

/**
 * Tells a channel of an event. An approval has one message, which changes when it is decided; reminders go below it.
 * A crash between posting and remembering may post once more.
 */
export const makeDeliverSlack = ({ channels, memory, callSlack }: Deps) => {
  const post = (channel: string, event: ChannelEvent, below?: string) =>
    callSlack('chat.postMessage', {
      channel,
      ...slackMessage(event),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
      ...(below !== undefined && { thread_ts: below, reply_broadcast: true }),
    });

  return async (name: string, event: ChannelEvent): Promise<void> => {
    const channel = channels[name];
    if (channel === undefined) throw new DeliveryError(`There is no channel ${name} any more.`);
    const approvalId = 'approvalId' in event.data ? event.data.approvalId : undefined;
    const standing = approvalId === undefined ? undefined : await memory.findMessage(name, approvalId);
    switch (event.type) {
      case 'approval.requested':
        if (!standing) await memory.keepMessage(name, event.data.approvalId, await post(channel, event));
        return;
      case 'decision.made':
      case 'approval.expired':
      case 'approval.voided': {
        const changed =
          standing &&
          (await callSlack('chat.update', { ...standing, ...slackMessage(event) }).catch((error: unknown) => {
            if (error instanceof SlackRefusal && gone.includes(error.code)) return undefined;
            throw error;
          }));
        if (!changed) await memory.keepMessage(name, event.data.approvalId, await post(channel, event));
        return;
      }
      default:
        await post(channel, event, standing?.ts);
    }
  };
};
