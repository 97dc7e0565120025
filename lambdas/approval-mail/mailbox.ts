import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { hasLanded } from '../shared/conditional-write';
import { TransientError } from '../shared/errors';

/** Within this time a person gets as many mails about approvals as their budget has; what is more comes in one digest. */
export const budgetMs = 10 * 60_000;

const prefix = 'mailbox#';
const keyOf = (person: string): string => `${prefix}${person}`;
/** Whose mailbox an item of the approvals table is; `undefined` for an approval. */
export const ownerOf = (id: string): string | undefined =>
  id.startsWith(prefix) ? id.slice(prefix.length) : undefined;

/** One person's mail, in the approvals table under `mailbox#<person>`; while approvals wait, in its index `by-due`. */
export const mailbox = z.object({
  /** When the last mails were sent. */
  sentAt: z.array(z.string()),
  /** Approvals for the next digest, oldest first. */
  waiting: z.array(z.string()),
  version: z.int(),
  dueAt: z.string().optional(),
});
export type Mailbox = z.infer<typeof mailbox>;

const empty: Mailbox = { sentAt: [], waiting: [], version: 0 };

/** Mails that still count. One from the future is as old as one from the past: clocks jump. */
const recent = ({ sentAt }: Mailbox, now: Date, budget: number): string[] =>
  sentAt.filter((at) => Math.abs(now.getTime() - Date.parse(at)) < budgetMs).slice(-budget);

/** When the next mail fits into the budget. */
const nextRoom = (sentAt: readonly string[], now: Date, budget: number): string => {
  const [oldest] = [...sentAt].sort();
  const room = sentAt.length < budget || oldest === undefined ? now.getTime() : Date.parse(oldest) + budgetMs;
  return new Date(Math.min(Math.max(room, now.getTime()), now.getTime() + budgetMs)).toISOString();
};

const without = ({ dueAt: _, ...box }: Mailbox): Mailbox => box;

/** Whether a mail may go now. Otherwise the approval waits in the box for the digest. */
export const admitted = (
  box: Mailbox,
  approvalId: string,
  now: Date,
  budget: number,
): { box: Mailbox; mayGo: boolean } => {
  const sentAt = recent(box, now, budget);
  if (box.waiting.length === 0 && sentAt.length < budget)
    return { box: { ...without(box), sentAt: [...sentAt, now.toISOString()] }, mayGo: true };
  const waiting = box.waiting.includes(approvalId) ? box.waiting : [...box.waiting, approvalId];
  return {
    box: { ...box, sentAt, waiting, dueAt: box.dueAt ?? nextRoom(sentAt, now, budget) },
    mayGo: false,
  };
};

/** The box after a digest with these approvals was sent, or found that none of them needs an answer any more. */
export const emptied = (
  box: Mailbox,
  done: readonly string[],
  wasSent: boolean,
  now: Date,
  budget: number,
): Mailbox => {
  const sentAt = [...recent(box, now, budget), ...(wasSent ? [now.toISOString()] : [])].slice(-budget);
  const waiting = box.waiting.filter((id) => !done.includes(id));
  const rest = { ...without(box), sentAt, waiting };
  return waiting.length === 0 ? rest : { ...rest, dueAt: nextRoom(sentAt, now, budget) };
};

/** Mailboxes in their table. Every change is one conditional write, tried again while others write. */
export interface Mailboxes {
  get(person: string): Promise<Mailbox>;
  /** `false`: the budget is spent, and the approval waits for the digest. */
  admit(person: string, approvalId: string, now: Date): Promise<boolean>;
  empty(person: string, done: readonly string[], wasSent: boolean, now: Date): Promise<void>;
}

const mostAttempts = 40;

export const makeMailboxes = ({
  client,
  table,
  budget,
}: {
  client: Pick<DynamoDBDocumentClient, 'send'>;
  table: string;
  /** Mails that one person gets within {@link budgetMs}. */
  budget: number;
}): Mailboxes => {
  const get = async (person: string): Promise<Mailbox> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { approvalId: keyOf(person) }, ConsistentRead: true }),
    );
    return Item ? mailbox.parse(Item) : empty;
  };
  /** @param claimed leave the moment of the next digest as it is: somebody may be writing that digest */
  const put = (
    person: string,
    { sentAt, waiting, version, dueAt }: Mailbox,
    claimed: boolean,
  ): Promise<boolean> =>
    hasLanded(
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: { approvalId: keyOf(person) },
          UpdateExpression: `SET sentAt = :sent, waiting = :waiting, version = :next${
            dueAt === undefined
              ? ' REMOVE tending, dueAt'
              : `, tending = :one, dueAt = ${claimed ? 'if_not_exists(dueAt, :due)' : ':due'}`
          }`,
          ConditionExpression: version === 0 ? 'attribute_not_exists(version)' : 'version = :version',
          ExpressionAttributeValues: {
            ':sent': sentAt,
            ':waiting': waiting,
            ':next': version + 1,
            ...(version !== 0 && { ':version': version }),
            ...(dueAt !== undefined && { ':one': '1', ':due': dueAt }),
          },
        }),
      ),
    );
  const change = async (
    person: string,
    how: (box: Mailbox) => { box: Mailbox; mayGo: boolean },
  ): Promise<boolean> => {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const { box, mayGo } = how(await get(person));
      if (await put(person, box, !mayGo)) return mayGo;
    }
    throw new TransientError(`The mailbox of ${person} is too busy. Try again.`);
  };
  return {
    get,
    admit: (person, approvalId, now) => change(person, (box) => admitted(box, approvalId, now, budget)),
    empty: async (person, done, wasSent, now) => {
      await change(person, (box) => ({ box: emptied(box, done, wasSent, now, budget), mayGo: true }));
    },
  };
};
