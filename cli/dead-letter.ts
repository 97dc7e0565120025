import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { delivery } from '../lambdas/channels/contract';
import { plainText } from '../lambdas/shared/plain-text';
import type { DeployedDeadLetters } from './deployed-outputs';

/** What could not be delivered and waits for a person. */
export interface DeadLetter {
  /** Of a message to a channel, the event's, which its receiver sees as `webhook-id`; of a start, the run's; else the message's. */
  readonly id: string;
  /** The queue that it lies in, as its alarm calls it, e.g. `webhook-itsm` or `schedules`. */
  readonly of: string;
  /** What it would have done, in a few words. */
  readonly what: string;
  readonly reason: string;
  readonly attempts: number | null;
  /** ISO 8601, UTC; `null` where the queue did not tell. */
  readonly since: string | null;
  /** What was sent, without what looks like a secret. */
  readonly body: unknown;
}

/** What a schedule asks for, as Step Functions takes it. */
const start = z.object({ StateMachineArn: z.string(), Name: z.string(), Input: z.string() });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The start that a letter of a schedule asks for, or `undefined` when it asks for none. */
export const readStart = ({ Body }: Message): z.infer<typeof start> | undefined =>
  start.safeParse(parsed(Body ?? '')).data;

const secretName = /token|secret|password|credential|authorization|cookie|signature|private.?key/i;

/** Inputs and outputs stand in events as text; they are shown, and masked, as what they are. */
const shown = (value: unknown): unknown => {
  if (typeof value === 'string') {
    const inner = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    return inner === undefined ? value : shown(inner);
  }
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      secretName.test(name) && one !== null ? '(masked)' : shown(one),
    ]),
  );
};

const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/** What a step was called with by a rule of EventBridge says what happened; by another step, nothing. */
const event = z.object({ 'detail-type': z.string(), time: z.string().optional() });

const told = (message: Message, again: DeployedDeadLetters['again']): { id?: string; what: string } => {
  const body = parsed(message.Body ?? '');
  if (again === null) return { what: 'a part of the ledger’s stream that was given up' };
  if (again === 'start') {
    const due = message.MessageAttributes?.SCHEDULED_TIME?.StringValue;
    const read = readStart(message);
    if (!read) return { what: 'a message that starts nothing' };
    return { id: read.Name, what: `starts ${lastOf(read.StateMachineArn)}${due ? `, due ${due}` : ''}` };
  }
  if ('function' in again) {
    const read = event.safeParse(body).data;
    return { what: read ? `${read['detail-type']} ${read.time ?? ''}`.trim() : 'a call by another step' };
  }
  const read = delivery.safeParse(body).data;
  if (!read) return { what: 'a message that is no event' };
  const { id, type, workspace, timestamp } = read.event;
  return { id, what: `to ${read.to}: ${type} ${workspace ?? '-'} ${timestamp}` };
};

const unsaid = 'The function that delivers it ended again and again; its log says why.';

export const readLetter = (message: Message, { name, again }: DeployedDeadLetters): DeadLetter => {
  const said = (attribute: string): string | undefined => message.MessageAttributes?.[attribute]?.StringValue;
  const codes = [said('ERROR_CODE') ?? said('ErrorCode'), said('ERROR_MESSAGE') ?? said('ErrorMessage')];
  const { id = message.MessageId ?? '', what } = told(message, again);
  const sent = message.Attributes?.SentTimestamp;
  const attempts = said('attempts') ?? said('RETRY_ATTEMPTS');
  return {
    id,
    of: name,
    what,
    reason: said('reason') ?? (codes.filter((code) => code !== undefined).join(': ') || unsaid),
    attempts: attempts === undefined ? null : Number(attempts),
    since: sent === undefined ? null : new Date(Number(sent)).toISOString(),
    body: shown(parsed(message.Body ?? '') ?? '(no JSON)'),
  };
};

/** One letter for people, in two lines. */
export const letterLine = ({ id, of, what, reason, attempts, since }: DeadLetter): string => {
  const tried = attempts === null ? '' : ` (${attempts} attempts)`;
  const when = since === null ? '' : `, since ${since}`;
  return `${of}  ${plainText(id, 128)}  ${plainText(what, 200)}${when}\n    ${plainText(reason, 300)}${tried}`;
};
