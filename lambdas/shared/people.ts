import { createHmac, randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { canonicalJson, sha256Hex } from './digest';
import { TransientError } from './errors';

/** Stands for a person where their name may not: random, so that it says nothing once it is forgotten whose it is. */
export type PersonRef = `person:${string}`;

export const personRefPattern = /person:[0-9a-f]{32}/g;

/** What stands in records in the place of somebody who was erased. */
const isReference = (text: string): text is PersonRef => /^person:[0-9a-f]{32}$/.test(text);

/** What is said of whom nobody knows any more. */
export const erasedPerson = 'an erased person';

/**
 * What is known of people apart from the records that must never change (table of people, partition key `id`, sort key
 * `part`):
 * - `identity#<in lower case>`, `self`: `person`, and the `key` that the salts of their texts come from;
 * - `person:…`, `self`: `identity` as it was first written; `erasedAt` instead, once they were erased;
 * - `person:…`, `words#<digest>`: a text of theirs with its `salt`.
 */
export const identityKey = (identity: string) => ({ id: `identity#${identity.toLowerCase()}`, part: 'self' });
export const personKey = (person: string) => ({ id: person, part: 'self' });
export const wordsPrefix = 'words#';

export interface People {
  /** The reference of whoever has this identity: the same every time, until they are erased. */
  refer(identity: string): Promise<PersonRef>;
  /**
   * Keeps a text of somebody's apart. Its digest is that of a salt and the text, so that who only has the digest cannot
   * try texts. The same text in the same place has the same digest.
   */
  keep(text: string, by: string, place: readonly string[]): Promise<string>;
}

interface Known {
  readonly person: PersonRef;
  readonly key: string;
}

interface PeopleDeps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  readonly now?: () => Date;
}

const isCancelled = (error: unknown): boolean =>
  error instanceof Error && /^Transaction(Canceled|Conflict|InProgress)Exception$/.test(error.name);

/** So long a warm function may take somebody for who they were. */
const rememberedMs = 5 * 60_000;
const mostRemembered = 1000;
const attempts = 5;

/**
 * People in their table. Whoever comes first makes the reference; all others find it.
 *
 * @throws TransientError when others write the same all the time.
 */
export const makePeople = ({ client, table, now = () => new Date() }: PeopleDeps): People => {
  const remembered = new Map<string, { readonly known: Known; readonly until: number }>();

  const read = async (key: { id: string; part: string }) =>
    (await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  /** `false`: one of the conditions did not hold, or somebody else wrote at the same moment. */
  const write = async (items: TransactWriteCommandInput['TransactItems']): Promise<boolean> => {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      if (isCancelled(error)) return false;
      throw error;
    }
  };

  const isNew = 'attribute_not_exists(id)';
  const create = async (identity: string): Promise<Known | undefined> => {
    const known: Known = {
      person: `person:${randomBytes(16).toString('hex')}`,
      key: randomBytes(32).toString('hex'),
    };
    const landed = await write([
      {
        Put: {
          TableName: table,
          Item: { ...identityKey(identity), ...known },
          ConditionExpression: isNew,
        },
      },
      {
        Put: {
          TableName: table,
          Item: { ...personKey(known.person), identity, since: now().toISOString() },
          ConditionExpression: isNew,
        },
      },
    ]);
    return landed ? known : undefined;
  };

  const find = async (identity: string): Promise<Known> => {
    const { id } = identityKey(identity);
    const recent = remembered.get(id);
    if (recent && recent.until > now().getTime()) return recent.known;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const item = await read(identityKey(identity));
      const known = item ? { person: item.person, key: item.key } : await create(identity);
      if (!known) continue;
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(id, { known, until: now().getTime() + rememberedMs });
      return known;
    }
    throw new TransientError('Too many write about the same person at the same moment. Try again.');
  };

  return {
    refer: async (identity) => (isReference(identity) ? identity : (await find(identity)).person),
    keep: async (text, by, place) => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const { person, key } = await find(by);
        const salt = createHmac('sha256', Buffer.from(key, 'hex')).update(canonicalJson(place)).digest('hex');
        const digest = sha256Hex(salt + text);
        const words = { id: person, part: `${wordsPrefix}${digest}` };
        if (await read(words)) return digest;
        const landed = await write([
          {
            ConditionCheck: {
              TableName: table,
              Key: personKey(person),
              ConditionExpression: 'attribute_exists(#identity)',
              ExpressionAttributeNames: { '#identity': 'identity' },
            },
          },
          { Put: { TableName: table, Item: { ...words, salt, text, at: now().toISOString() } } },
        ]);
        if (landed) return digest;
        // They may have been erased since this function remembered them.
        remembered.delete(identityKey(by).id);
      }
      throw new TransientError('Too many write about the same person at the same moment. Try again.');
    },
  };
};

/** Puts names where a text has references. Nothing is remembered: who is erased is gone at once. */
export type NamePeople = (text: string) => Promise<string>;

export const makeNamePeople =
  ({ client, table }: Pick<PeopleDeps, 'client' | 'table'>): NamePeople =>
  async (text) => {
    const names = new Map<string, string>();
    for (const person of new Set(text.match(personRefPattern))) {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: personKey(person) }));
      names.set(person, String(Item?.identity ?? erasedPerson));
    }
    return text.replace(personRefPattern, (person) => names.get(person) ?? erasedPerson);
  };
