import type { Check } from './health';

/** A topic, and how many people are to hear of what is published to it. */
export interface WatchedTopic {
  readonly arn: string;
  readonly people: number;
}

/** What SNS counts of a topic. */
export interface Subscriptions {
  readonly confirmed: number;
  readonly pending: number;
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Warns when somebody does not get these mails: they never confirmed, or their subscription is gone. */
export const topicCheck = (
  { arn, people }: WatchedTopic,
  count: (arn: string, signal: AbortSignal) => Promise<Subscriptions>,
): Check => ({
  name: `topic ${arn.slice(arn.lastIndexOf(':') + 1)}`,
  essential: false,
  run: async (signal) => {
    const { confirmed, pending } = await count(arn, signal);
    if (confirmed >= people) return undefined;
    const gone = Math.max(0, people - confirmed - pending);
    return [
      `${confirmed} of ${plural(people, 'subscription')} confirmed`,
      ...(pending > 0 ? [`${pending} not confirmed`] : []),
      ...(gone > 0 ? [`${gone} gone`] : []),
      'who is missing gets none of these mails',
    ].join('; ');
  },
});
