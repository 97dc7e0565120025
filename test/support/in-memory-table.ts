import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';

type Item = Record<string, unknown>;

/**
 * A table of approvals with its indexes, as far as the lists use it: exact keys, one range, a limit. Notes every
 * command, so that a test can tell what was read.
 */
export const inMemoryTable = (...items: Item[]) => {
  const all = new Map(items.map((item) => [item.approvalId, item]));
  const sent: { name: string; input: object }[] = [];
  const query = ({ input }: QueryCommand): { Items: Item[] } => {
    const names = input.ExpressionAttributeNames ?? {};
    const values = input.ExpressionAttributeValues ?? {};
    const key = names['#key'] ?? '';
    const at = { lists: 'listAt', asked: 'askedAt' }[input.IndexName ?? ''] ?? '';
    const range = /#at (<|>) :from/.exec(input.KeyConditionExpression ?? '')?.[1];
    const forward = input.ScanIndexForward !== false;
    const Items = [...all.values()]
      .filter((item) => item[key] === values[':list'])
      .filter((item) =>
        range === undefined
          ? true
          : range === '<'
            ? String(item[at]) < String(values[':from'])
            : String(item[at]) > String(values[':from']),
      )
      .sort((one, other) => (String(one[at]) < String(other[at]) === forward ? -1 : 1))
      .slice(0, input.Limit)
      .map((item) => ({ approvalId: item.approvalId, [key]: item[key], [at]: item[at] }));
    return { Items };
  };
  const send = async (command: unknown): Promise<unknown> => {
    const { input } = command as { input: object };
    sent.push({ name: (command as object).constructor.name, input });
    if (command instanceof QueryCommand) return query(command);
    if (command instanceof GetCommand) return { Item: all.get(command.input.Key?.approvalId) };
    if (command instanceof BatchGetCommand)
      return {
        Responses: Object.fromEntries(
          Object.entries(command.input.RequestItems ?? {}).map(([table, { Keys }]) => [
            table,
            // In no order, as DynamoDB answers.
            (Keys ?? []).flatMap(({ approvalId }) => all.get(approvalId) ?? []).reverse(),
          ]),
        ),
      };
    if (command instanceof PutCommand) {
      all.set(command.input.Item?.approvalId, command.input.Item ?? {});
      return {};
    }
    if (command instanceof UpdateCommand) return {};
    throw new Error('not a command that lists use');
  };
  return { client: { send } as Pick<DynamoDBDocumentClient, 'send'>, items: all, sent };
};
