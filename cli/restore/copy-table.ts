import { isDeepStrictEqual } from 'node:util';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** What became of the items of a copy. */
export interface Copied {
  /** Were missing, and are there again. */
  readonly restored: number;
  /** Stand as they stood. */
  readonly same: number;
  /** Have changed since: put back with `replace`, left alone without. */
  readonly changed: number;
}

export interface CopyTable {
  readonly client: DynamoDBClient;
  readonly from: string;
  readonly to: string;
  /** The attributes of the key, the partition's first. */
  readonly key: readonly string[];
  /** Whether what changed since is put back as well. */
  readonly replace: boolean;
}

/** Copies items into a table that is in use: what is missing comes back, what is there is left alone unless told. */
export const copyTable = async ({ client, from, to, key, replace }: CopyTable): Promise<Copied> => {
  const count = { restored: 0, same: 0, changed: 0 };
  const [partition = ''] = key;
  const copy = async (item: Item): Promise<keyof Copied> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: to,
          Item: item,
          ConditionExpression: 'attribute_not_exists(#partition)',
          ExpressionAttributeNames: { '#partition': partition },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return 'restored';
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      if (isDeepStrictEqual(error.Item, item)) return 'same';
      if (replace) await client.send(new PutItemCommand({ TableName: to, Item: item }));
      return 'changed';
    }
  };
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true }))
    for (const done of await Promise.all(Items.map(copy))) count[done] += 1;
  return count;
};
