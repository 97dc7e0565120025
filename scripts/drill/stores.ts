import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { readDataStack } from '../../cli/restore/data-stack';
import { digestOf } from '../../lambdas/shared/digest';

const keys = {
  Runs: ['runId'],
  Approvals: ['approvalId'],
  Workspaces: ['workspace'],
  People: ['id', 'part'],
  Ledger: ['chain', 'seq'],
} as const;

/** What the drill loses, by name: how much there is of it, and a digest of all of it. */
export type Stock = Readonly<Record<string, { readonly count: number; readonly digest: string }>>;

/** The stores of a deployed environment, to look at and to damage. */
export const openStores = async (gatewayUrl: string, environment: string) => {
  const settings = {
    endpoint: gatewayUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const dynamoDb = new DynamoDBClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const data = await readDataStack(new CloudFormationClient(settings), environment);
  const tables = Object.entries(keys).flatMap(([name, key]) => {
    const table = data.tables[name];
    return table === undefined ? [] : [{ name, table, key }];
  });

  const itemsOf = async (table: string): Promise<Record<string, AttributeValue>[]> => {
    const found = [];
    for await (const { Items = [] } of paginateScan(
      { client: dynamoDb },
      { TableName: table, ConsistentRead: true },
    ))
      found.push(...Items);
    return found;
  };
  const keysIn = async (Bucket: string, Prefix: string): Promise<string[]> => {
    const found = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
      found.push(...Contents.map(({ Key = '' }) => Key));
    return found;
  };
  const states = async (): Promise<string[]> =>
    (await keysIn(data.stateBucket, '')).filter((key) => key.endsWith('.tfstate'));
  const contentOf = async (Bucket: string, Key: string): Promise<string> =>
    (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
  const stockOf = (contents: readonly unknown[]) => ({
    count: contents.length,
    digest: digestOf(contents.map(digestOf).toSorted()),
  });

  return {
    /** All that stands in the tables and in the states. */
    takeStock: async (): Promise<Stock> => ({
      ...Object.fromEntries(
        await Promise.all(
          tables.map(async ({ name, table }) => [name, stockOf(await itemsOf(table))] as const),
        ),
      ),
      States: stockOf(
        await Promise.all((await states()).map(async (key) => [key, await contentOf(data.stateBucket, key)])),
      ),
    }),
    /** Entries in the ledger that have no copy under Object Lock yet. */
    uncopied: async (): Promise<number> => {
      const entries = (await itemsOf(data.tables.Ledger ?? '')).filter(({ entry }) => entry).length;
      return entries - (await keysIn(data.auditBucket, 'ledger/')).length;
    },
    /** Deletes every item of every table, the first state, and writes something else over the other ones. */
    damage: async (): Promise<void> => {
      for (const { table, key } of tables)
        for (const item of await itemsOf(table))
          await dynamoDb.send(
            new DeleteItemCommand({
              TableName: table,
              Key: Object.fromEntries(key.map((name) => [name, item[name] as AttributeValue])),
            }),
          );
      const [first, ...others] = await states();
      if (first === undefined) throw new Error('There is no state that could be lost.');
      await s3.send(new DeleteObjectCommand({ Bucket: data.stateBucket, Key: first }));
      for (const Key of others)
        await s3.send(new PutObjectCommand({ Bucket: data.stateBucket, Key, Body: 'this is no state' }));
    },
  };
};
