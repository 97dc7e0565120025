import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { plainText } from './plain-text';

export interface Mail {
  readonly topicArn: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands a mail to its topic and returns the message's id. */
export type PublishMail = (mail: Mail) => Promise<string>;

/** SNS takes printable ASCII, starting with a letter or digit, less than 100 characters. */
export const mailSubject = (text: string): string => {
  const ascii = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^A-Za-z0-9]+/, '')
    .trim();
  return ascii.length < 100 ? ascii : `${ascii.slice(0, 96)}...`;
};

/** One value on one line of a mail: breaks become spaces, and nothing in it can draw anything else. */
export const mailLine = (text: string, limit = 300): string =>
  plainText(text.replace(/\s+/g, ' ').trim(), limit);

export const makePublishMail =
  (sns: Pick<SNSClient, 'send'>): PublishMail =>
  async ({ topicArn, subject, text }) => {
    const { MessageId } = await sns.send(
      new PublishCommand({ TopicArn: topicArn, Subject: mailSubject(subject), Message: text }),
    );
    return MessageId ?? '';
  };
