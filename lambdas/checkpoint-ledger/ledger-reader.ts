import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { genesisHash, type LedgerEntry } from '../shared/ledger';

/** The last entry of a chain, or where it begins. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Reads a tenant's chain as it is stored now; whether it holds together is for others to say. */
export interface LedgerReader {
  head(tenant: string): Promise<ChainHead>;
  /** Entries `first` to `last` in order, in pages. */
  read(tenant: string, first: number, last: number): AsyncIterable<readonly LedgerEntry[]>;
}

export const makeLedgerReader = ({
  client,
  table,
  pageSize = 500,
}: {
  readonly client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly table: string;
  /** Entries in one answer, at most. @default 500 */
  readonly pageSize?: number;
}): LedgerReader => ({
  head: async (tenant) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { chain: tenant, seq: 0 }, ConsistentRead: true }),
    );
    return { seq: Number(Item?.headSeq ?? 0), hash: String(Item?.headHash ?? genesisHash) };
  },
  read: async function* (tenant, first, last) {
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#chain = :chain AND #seq BETWEEN :first AND :last',
          ExpressionAttributeNames: { '#chain': 'chain', '#seq': 'seq' },
          ExpressionAttributeValues: { ':chain': tenant, ':first': first, ':last': last },
          ConsistentRead: true,
          Limit: pageSize,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      // What holds no entry is one that is missing.
      yield (page.Items ?? []).flatMap(({ entry }) => (entry ? [entry as LedgerEntry] : []));
      from = page.LastEvaluatedKey;
    } while (from);
  },
});
