import { DeleteCommand, type DynamoDBDocumentClient, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Who } from './who';

export type Item = Readonly<Record<string, unknown>>;

export interface SourceDeps {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  readonly now: () => Date;
}

/** Something of a person in one item. */
export interface Found {
  readonly key: string;
  readonly data: unknown;
  /** Why it cannot be erased now. */
  readonly hindrance?: string | undefined;
  /** Other names of theirs that it tells. */
  readonly also?: readonly string[];
  /** Repeating it changes nothing. Left out where nothing of the person is in it but their reference. */
  readonly erase?: () => Promise<void>;
}

/** A table in which a person may stand. It is read from one end to the other: no index knows people. */
export interface Source {
  readonly name: string;
  readonly table: string;
  readonly projection?: Pick<ScanCommandInput, 'ProjectionExpression' | 'ExpressionAttributeNames'>;
  readonly find: (item: Item, who: Who) => readonly Found[];
}

export const removeItem = async (
  client: SourceDeps['client'],
  table: string,
  key: Record<string, string>,
): Promise<void> => {
  await client.send(new DeleteCommand({ TableName: table, Key: key }));
};
