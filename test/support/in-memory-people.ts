import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { makeNamePeople, makePeople } from '../../lambdas/shared/people';

type Item = Record<string, unknown>;

/** The table of people with the conditions that its users rely on; `before` runs before each write. */
export const inMemoryPeople = (before: () => Promise<void> = async () => {}) => {
  const items = new Map<string, Item>();
  const placeOf = (key: Item | undefined): string => `${key?.id} ${key?.part}`;
  const cancelled = () => Object.assign(new Error('a condition'), { name: 'TransactionCanceledException' });
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof GetCommand) return { Item: items.get(placeOf(command.input.Key)) };
    if (command instanceof DeleteCommand) return items.delete(placeOf(command.input.Key));
    if (command instanceof QueryCommand)
      return {
        Items: [...items.values()].filter(
          ({ id, part }) =>
            id === command.input.ExpressionAttributeValues?.[':person'] &&
            String(part).startsWith(String(command.input.ExpressionAttributeValues?.[':words'] ?? '')),
        ),
      };
    if (command instanceof UpdateCommand) {
      const { identity: _, since: __, ...rest } = items.get(placeOf(command.input.Key)) ?? {};
      const at = command.input.ExpressionAttributeValues?.[':at'];
      items.set(placeOf(command.input.Key), { ...rest, ...command.input.Key, erasedAt: at });
      return {};
    }
    if (!(command instanceof TransactWriteCommand)) throw new Error('not a command that people are kept by');
    await before();
    const writes = command.input.TransactItems ?? [];
    for (const { Put, ConditionCheck } of writes) {
      if (Put?.ConditionExpression && items.has(placeOf(Put.Item))) throw cancelled();
      if (ConditionCheck && items.get(placeOf(ConditionCheck.Key))?.identity === undefined) throw cancelled();
    }
    for (const { Put } of writes) if (Put?.Item) items.set(placeOf(Put.Item), Put.Item);
    return {};
  };
  const client = { send } as Pick<DynamoDBDocumentClient, 'send'>;
  return {
    items,
    client,
    /** As one warm function has them. */
    people: () => makePeople({ client, table: 'people' }),
    namePeople: makeNamePeople({ client, table: 'people' }),
  };
};
