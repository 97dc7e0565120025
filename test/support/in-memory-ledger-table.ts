import { type DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { LedgerEntry } from '../../lambdas/shared/ledger';

type Item = Record<string, unknown>;
type Client = Pick<DynamoDBDocumentClient, 'send'>;

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** The ledger's table as far as appends use it: single reads, and transactions whose conditions all hold or nothing is done. */
export const inMemoryLedgerTable = () => {
  const items = new Map<string, Item>();
  const keyOf = ({ chain, seq }: Item): string => `${chain}/${seq}`;
  const holds = (condition: string, item: Item | undefined, before: unknown): boolean => {
    if (condition === 'attribute_not_exists(seq)') return item === undefined;
    if (condition === 'attribute_not_exists(headSeq) OR headHash = :before')
      return item === undefined || item.headHash === before;
    throw new Error(`not a condition that appends use: ${condition}`);
  };
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof GetCommand) return { Item: items.get(keyOf(command.input.Key ?? {})) };
    if (!(command instanceof TransactWriteCommand)) throw new Error('not a command that appends use');
    const puts = (command.input.TransactItems ?? []).map(({ Put }) => ({
      item: Put?.Item ?? {},
      condition: Put?.ConditionExpression ?? '',
      before: Put?.ExpressionAttributeValues?.[':before'],
    }));
    if (!puts.every(({ item, condition, before }) => holds(condition, items.get(keyOf(item)), before)))
      throw named('TransactionCanceledException');
    for (const { item } of puts) items.set(keyOf(item), item);
    return {};
  };
  return {
    client: { send } as Client,
    items,
    entriesOf: (tenant: string): LedgerEntry[] =>
      [...items.values()]
        .filter(({ chain, entry }) => chain === tenant && entry)
        .map(({ entry }) => entry as LedgerEntry)
        .sort((one, other) => one.seq - other.seq),
  };
};

/** What happens to one call: nothing, it never arrives, it arrives and its answer is lost, somebody else is quicker. */
export type CallFault = 'none' | 'lost' | 'answer lost' | 'conflict';

/** A client to whose calls these things happen, one after the other; then nothing more. */
export const faultyClient = (client: Client, faults: readonly CallFault[]): Client => {
  const left = [...faults];
  return {
    send: async (command: never) => {
      const fault = left.shift() ?? 'none';
      if (fault === 'lost') throw named('TimeoutError');
      if (fault === 'conflict' && (command as unknown) instanceof TransactWriteCommand)
        throw named('TransactionConflictException');
      const answer = await client.send(command);
      if (fault === 'answer lost') throw named('TimeoutError');
      return answer;
    },
  } as Client;
};
