import { DeleteCommand, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { identityKey, type PersonRef, personKey, wordsPrefix } from '../shared/people';
import type { HeldItem } from './contract';
import type { SourceDeps } from './source';

/** The table of people, for whoever tells what it holds and takes it out. */
export interface KnownPeople {
  /** `undefined`: the ledger never referred to them. */
  find(identity: string): Promise<PersonRef | undefined>;
  /** Notes under which other names somebody is known, before what told them is erased. */
  remember(reference: PersonRef, also: readonly string[]): Promise<void>;
  /** Names that an erasure that did not come to its end has noted. */
  remembered(reference: PersonRef): Promise<string[]>;
  /** What stands under a reference. */
  list(reference: PersonRef): Promise<HeldItem[]>;
  /** Cuts a reference from whoever it stood for. The way to it goes last, so that a repeat finds what is left. */
  forget(identity: string): Promise<void>;
}

export const makeKnownPeople = ({ client, table, now }: SourceDeps): KnownPeople => {
  const find = async (identity: string): Promise<PersonRef | undefined> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: identityKey(identity), ConsistentRead: true }),
    );
    return Item?.person;
  };
  const partsOf = async (reference: PersonRef): Promise<Record<string, unknown>[]> => {
    const parts: Record<string, unknown>[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#id = :person',
          ExpressionAttributeNames: { '#id': 'id' },
          ExpressionAttributeValues: { ':person': reference },
          ConsistentRead: true,
          ExclusiveStartKey: from,
        }),
      );
      parts.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from);
    return parts;
  };
  return {
    find,
    remember: async (reference, also) => {
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: personKey(reference),
          UpdateExpression: 'ADD also :names',
          ExpressionAttributeValues: { ':names': new Set(also) },
        }),
      );
    },
    remembered: async (reference) => {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: personKey(reference), ConsistentRead: true }),
      );
      return [...((Item?.also as Set<string> | undefined) ?? [])];
    },
    list: async (reference) =>
      (await partsOf(reference)).map(({ id, part, salt: _, also: __, ...data }) => ({
        where: 'people',
        key: `${id}/${part}`,
        data: data as HeldItem['data'],
      })),
    forget: async (identity) => {
      const reference = await find(identity);
      if (!reference) return;
      // First who it is, so that no text is kept there any more.
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: personKey(reference),
          UpdateExpression: 'SET erasedAt = :at REMOVE #identity, since, also',
          ExpressionAttributeNames: { '#identity': 'identity' },
          ExpressionAttributeValues: { ':at': now().toISOString() },
        }),
      );
      for (const { id, part } of await partsOf(reference))
        if (String(part).startsWith(wordsPrefix))
          await client.send(new DeleteCommand({ TableName: table, Key: { id, part } }));
      await client.send(new DeleteCommand({ TableName: table, Key: identityKey(identity) }));
    },
  };
};
