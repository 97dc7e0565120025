import { isDeepStrictEqual } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { findBreak, type LedgerEntry } from '../../lambdas/shared/ledger';
import { lockedObjects } from './locked-objects';

/** What became of one tenant's chain. */
export interface RestoredChain {
  readonly tenant: string;
  /** Copies under Object Lock that hold together. */
  readonly copies: number;
  /** Were missing in the table, and are there again. */
  readonly restored: number;
  /** Said something else in the table than their copy: put back with `replace`, left alone without. */
  readonly changed: readonly number[];
  /** Where the copies do not hold together, and why; nothing was touched from there on. */
  readonly broken: { readonly seq: number; readonly reason: string } | null;
}

export interface RestoreLedger {
  readonly s3: S3Client;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly bucket: string;
  readonly table: string;
  readonly replace: boolean;
}

const prefix = 'ledger/';

interface Restoring extends RestoredChain {
  readonly changed: number[];
  copies: number;
  restored: number;
  broken: RestoredChain['broken'];
  last: LedgerEntry | undefined;
}

/** Rebuilds the chains in the table out of their copies under Object Lock, entry by entry, each checked before. */
export const restoreLedger = async (call: RestoreLedger): Promise<RestoredChain[]> => {
  const chains: Restoring[] = [];
  for await (const { name, content } of lockedObjects(call.s3, call.bucket, prefix)) {
    const [tenant = ''] = name.split('/');
    if (chains.at(-1)?.tenant !== tenant)
      chains.push({ tenant, copies: 0, restored: 0, changed: [], broken: null, last: undefined });
    const chain = chains.at(-1);
    if (chain && !chain.broken) await restoreEntry(call, chain, JSON.parse(content) as LedgerEntry);
  }
  for (const { tenant, last } of chains) if (last) await raiseHead(call, tenant, last);
  return chains.map(({ last: _, ...chain }) => chain);
};

const restoreEntry = async (
  { dynamoDb, table, replace }: RestoreLedger,
  chain: Restoring,
  entry: LedgerEntry,
): Promise<void> => {
  const { tenant, changed } = chain;
  chain.broken = findBreak([entry], chain.last) ?? null;
  if (chain.broken) return;
  const Key = { chain: tenant, seq: entry.seq };
  const { Item } = await dynamoDb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  const isSame = isDeepStrictEqual(Item?.entry, entry);
  if (!Item) chain.restored += 1;
  else if (!isSame) changed.push(entry.seq);
  if (!Item || (!isSame && replace))
    await dynamoDb.send(new PutCommand({ TableName: table, Item: { ...Key, entry } }));
  const marker = { chain: `${tenant}#${entry.id}`, seq: 0 };
  await dynamoDb.send(new PutCommand({ TableName: table, Item: marker }));
  chain.copies += 1;
  chain.last = entry;
};

/** The head is never put back to an earlier entry: what came after the last copy stays. */
const raiseHead = async (
  { dynamoDb, table }: RestoreLedger,
  tenant: string,
  { seq, hash }: LedgerEntry,
): Promise<void> => {
  try {
    await dynamoDb.send(
      new PutCommand({
        TableName: table,
        Item: { chain: tenant, seq: 0, headSeq: seq, headHash: hash },
        ConditionExpression: 'attribute_not_exists(headSeq) OR headSeq < :seq',
        ExpressionAttributeValues: { ':seq': seq },
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
  }
};
