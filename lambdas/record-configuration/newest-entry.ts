import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { LedgerEntry } from '../shared/ledger-chain';

/** Finds the newest entry of a type in a chain, from its end backwards. */
export const makeNewestEntry =
  ({
    client,
    table,
    tenant,
  }: {
    readonly client: Pick<DynamoDBDocumentClient, 'send'>;
    readonly table: string;
    readonly tenant: string;
  }) =>
  async (type: string): Promise<LedgerEntry | undefined> => {
    let from: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#chain = :chain AND #seq > :head',
          FilterExpression: '#entry.#type = :type',
          ExpressionAttributeNames: { '#chain': 'chain', '#seq': 'seq', '#entry': 'entry', '#type': 'type' },
          ExpressionAttributeValues: { ':chain': tenant, ':head': 0, ':type': type },
          ScanIndexForward: false,
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      const [found] = page.Items ?? [];
      if (found) return found.entry as LedgerEntry;
      from = page.LastEvaluatedKey;
    } while (from);
    return undefined;
  };
