import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A message that the platform sent to a person, as the inbox keeps it. */
export const mail = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  /** When it was sent, ISO 8601. */
  at: z.string(),
  /** Name of the topic that it came by: on AWS, the approver's own. */
  topic: z.string(),
  subject: z.string(),
  body: z.string(),
  links: z.array(z.string()),
});
export type Mail = z.infer<typeof mail>;

const envelope = z.object({
  Type: z.literal('Notification'),
  MessageId: z.string(),
  TopicArn: z.string(),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.string().nullish(),
});

const LINK = /https?:\/\/[^\s<>"'`\\]+/g;

/** The addresses in a text, without the punctuation of the sentence around them. */
export const linksIn = (text: string): string[] => [
  ...new Set((text.match(LINK) ?? []).map((link) => link.replace(/[.,;:!?)\]}]+$/, ''))),
];

/** Reads what SNS put into a queue; anything else becomes a mail without a subject rather than being lost. */
export const readMail = (queueName: string, body: string, receivedAt: Date): Mail => {
  const notification = parseEnvelope(body);
  const raw = notification ?? {
    MessageId: '',
    TopicArn: queueName,
    Subject: null,
    Message: body,
    Timestamp: null,
  };
  const at = new Date(raw.Timestamp ?? receivedAt);
  const id = /^[A-Za-z0-9-]{1,64}$/.test(raw.MessageId)
    ? raw.MessageId
    : createHash('sha256').update(body).digest('hex').slice(0, 32);
  return {
    id,
    at: (Number.isNaN(at.getTime()) ? receivedAt : at).toISOString(),
    topic: raw.TopicArn.split(':').at(-1) ?? raw.TopicArn,
    subject: raw.Subject ?? '(no subject)',
    body: raw.Message,
    links: linksIn(raw.Message),
  };
};

const parseEnvelope = (body: string): z.infer<typeof envelope> | null => {
  try {
    const parsed = envelope.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};
