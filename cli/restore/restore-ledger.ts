import { isDeepStrictEqual } from 'node:util';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { findBreak, type LedgerEntry } from '../../lambdas/shared/ledger';
import { objectVersions } from './object-versions';

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

interface Copy {
  readonly key: string;
  readonly versionId: string;
}

const prefix = 'ledger/';
const readAtOnce = 16;
const tenantOf = ({ key }: Copy): string => key.split('/')[1] ?? '';

/**
 * The copies of entries by tenant, each in order. Of each the first version counts: Object Lock keeps everybody from
 * changing that one, and nobody from writing another over it.
 */
const findCopies = async ({ s3, bucket }: RestoreLedger): Promise<Map<string, Copy[]>> => {
  const found = new Map<string, Copy[]>();
  for await (const { key, versions } of objectVersions(s3, { bucket, prefix })) {
    const first = versions.filter(({ deleted }) => !deleted).at(-1);
    if (!first) continue;
    const copy = { key, versionId: first.id };
    const ofTenant = found.get(tenantOf(copy)) ?? [];
    ofTenant.push(copy);
    found.set(tenantOf(copy), ofTenant);
  }
  return found;
};

/** Rebuilds the chains in the table out of their copies under Object Lock, entry by entry, each checked before. */
export const restoreLedger = async (call: RestoreLedger): Promise<RestoredChain[]> => {
  const chains: RestoredChain[] = [];
  for (const [tenant, copies] of await findCopies(call))
    chains.push(await restoreChain(call, tenant, copies));
  return chains;
};

const restoreChain = async (
  call: RestoreLedger,
  tenant: string,
  copies: readonly Copy[],
): Promise<RestoredChain> => {
  const { dynamoDb, table, replace } = call;
  const changed: number[] = [];
  let restored = 0;
  let last: LedgerEntry | undefined;
  const tell = (broken: RestoredChain['broken']): RestoredChain => ({
    tenant,
    copies: last?.seq ?? 0,
    restored,
    changed,
    broken,
  });
  for (let at = 0; at < copies.length; at += readAtOnce) {
    const entries = await readCopies(call, copies.slice(at, at + readAtOnce));
    const broken = findBreak(entries, last);
    const whole = broken ? entries.filter(({ seq }) => seq < broken.seq) : entries;
    for (const entry of whole) {
      const Key = { chain: tenant, seq: entry.seq };
      const { Item } = await dynamoDb.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
      const isSame = isDeepStrictEqual(Item?.entry, entry);
      if (!Item) restored += 1;
      else if (!isSame) changed.push(entry.seq);
      if (!Item || (!isSame && replace))
        await dynamoDb.send(new PutCommand({ TableName: table, Item: { ...Key, entry } }));
      const marker = { chain: `${tenant}#${entry.id}`, seq: 0 };
      await dynamoDb.send(new PutCommand({ TableName: table, Item: marker }));
      last = entry;
    }
    if (broken) return tell(broken);
  }
  if (last) await raiseHead(call, tenant, last);
  return tell(null);
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

const readCopies = ({ s3, bucket }: RestoreLedger, copies: readonly Copy[]): Promise<LedgerEntry[]> =>
  Promise.all(
    copies.map(async ({ key, versionId }) => {
      const { Body } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
      );
      return JSON.parse((await Body?.transformToString()) ?? 'null') as LedgerEntry;
    }),
  );
