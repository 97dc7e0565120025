import {
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { restoreLedger } from '../../cli/restore/restore-ledger';
import { restoreStates } from '../../cli/restore/restore-states';
import { backUpTables, restoreTables } from '../../cli/restore/restore-tables';
import { archiveKey } from '../../lambdas/archive-ledger/archive-ledger';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { anEntry } from '../support/ledger-entries';

jest.setTimeout(120_000);

let fixture: Fixture;
let client: DynamoDBClient;
let dynamoDb: DynamoDBDocumentClient;
let s3: S3Client;
beforeAll(async () => {
  fixture = await startFixture();
  const { config } = clients(fixture);
  client = new DynamoDBClient(config);
  dynamoDb = DynamoDBDocumentClient.from(client);
  s3 = new S3Client({ ...config, forcePathStyle: true });
});
afterAll(() => endFixture(fixture));

const makeTable = async (
  name: string,
  keys: Record<string, 'S' | 'N'>,
): Promise<TableDescription | undefined> => {
  const [partition = '', sort] = Object.keys(keys);
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Object.entries(keys).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' } as const]),
      ],
    }),
  );
  return TableDescription;
};
const makeBucket = async (Bucket: string): Promise<string> => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
};
const itemsOf = async (table: string): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return Items.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
};
const contentOf = async (Bucket: string, Key: string): Promise<string | undefined> => {
  try {
    return await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  } catch {
    return undefined;
  }
};
/** Versions are told apart by whole seconds. */
const nextSecond = async (): Promise<Date> => {
  const now = new Date();
  while (Date.now() < Math.floor(now.getTime() / 1000) * 1000 + 1000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return now;
};

describe('tables', () => {
  const tables = { Runs: 'runs', Approvals: 'approvals' };
  const run = (n: number, status = 'ended') => ({ runId: `run-${n}`, status, nested: { list: [n, 'x'] } });

  beforeAll(async () => {
    await makeTable('runs', { runId: 'S' });
    await makeTable('approvals', { approvalId: 'S' });
    for (let n = 0; n < 30; n++) await dynamoDb.send(new PutCommand({ TableName: 'runs', Item: run(n) }));
    expect(await backUpTables({ client, tables }, 'before')).toEqual(['Runs', 'Approvals']);
  });

  it('brings back what was deleted, leaves what changed, and takes its copy away', async () => {
    for (let n = 0; n < 30; n += 3)
      await dynamoDb.send(new DeleteCommand({ TableName: 'runs', Key: { runId: `run-${n}` } }));
    await dynamoDb.send(new PutCommand({ TableName: 'runs', Item: run(1, 'changed') }));
    await dynamoDb.send(new PutCommand({ TableName: 'runs', Item: run(99) }));

    const call = { client, tables, source: { backup: 'before' }, now: new Date() };
    expect(await restoreTables({ ...call, replace: false })).toEqual({
      Runs: { restored: 10, same: 19, changed: 1 },
      Approvals: { restored: 0, same: 0, changed: 0 },
    });
    expect(await itemsOf('runs')).toHaveLength(31);
    expect(await itemsOf('runs')).toContainEqual(run(1, 'changed'));

    expect((await restoreTables({ ...call, replace: true })).Runs).toEqual({
      restored: 0,
      same: 29,
      changed: 1,
    });
    expect(await itemsOf('runs')).toContainEqual(run(1));
    expect((await client.send(new ListTablesCommand({}))).TableNames?.sort()).toEqual(['approvals', 'runs']);
  });

  it('touches nothing when one table has no such backup', async () => {
    const call = { client, tables, source: { backup: 'never' }, now: new Date(), replace: true };
    await expect(restoreTables(call)).rejects.toThrow('The table runs has no backup named never');
  });
});

test('states come back as they stood, each as a new version; locks do not', async () => {
  const Bucket = await makeBucket('states');
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await put('a/gone/terraform.tfstate', 'gone: 1');
  await put('a/changed/terraform.tfstate', 'changed: 1');
  await put('a/same/terraform.tfstate', 'same: 1');
  await put('a/gone/terraform.tfstate.tflock', 'somebody');
  await put('b/gone/terraform.tfstate', 'of another tenant');
  await put('a/before/terraform.tfstate', 'gone before');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a/before/terraform.tfstate' }));
  const asOf = await nextSecond();
  await put('a/changed/terraform.tfstate', 'changed: 2');
  await put('a/new/terraform.tfstate', 'new: 1');
  for (const Key of [
    'a/gone/terraform.tfstate',
    'a/gone/terraform.tfstate.tflock',
    'b/gone/terraform.tfstate',
  ])
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));

  const call = { client: s3, bucket: Bucket, prefix: 'a/', asOf };
  const filled = {
    restored: ['a/gone/terraform.tfstate'],
    same: 1,
    changed: ['a/changed/terraform.tfstate'],
  };
  expect(await restoreStates({ ...call, replace: false })).toEqual(filled);
  expect(await contentOf(Bucket, 'a/gone/terraform.tfstate')).toBe('gone: 1');
  expect(await contentOf(Bucket, 'a/changed/terraform.tfstate')).toBe('changed: 2');
  expect(await contentOf(Bucket, 'a/gone/terraform.tfstate.tflock')).toBeUndefined();
  expect(await contentOf(Bucket, 'a/before/terraform.tfstate')).toBeUndefined();
  expect(await contentOf(Bucket, 'b/gone/terraform.tfstate')).toBeUndefined();

  await restoreStates({ ...call, replace: true });
  expect(await contentOf(Bucket, 'a/changed/terraform.tfstate')).toBe('changed: 1');
  expect(await contentOf(Bucket, 'a/new/terraform.tfstate')).toBe('new: 1');
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: 'a/changed/terraform.tfstate' }),
  );
  expect(Versions).toHaveLength(3);
});

describe('the ledger', () => {
  const bucket = 'audit';
  const table = 'ledger';
  const entries: LedgerEntry[] = [];
  const copy = (entry: LedgerEntry, text = canonicalJson(entry)) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: archiveKey(entry), Body: text }));
  const restore = (replace = false) => restoreLedger({ s3, dynamoDb, bucket, table, replace });
  const drop = (seq: number) =>
    dynamoDb.send(new DeleteCommand({ TableName: table, Key: { chain: 'tenant-a', seq } }));
  const heads = new Map<string, { seq: number; hash: string }>();
  /** What an append leaves in the table. */
  const append = async (tenant: string, n: number): Promise<LedgerEntry> => {
    const { seq, prevHash, hash, ...event } = anEntry({ tenant, id: `event:${n}` });
    const entry = chain(heads.get(tenant) ?? { seq: 0, hash: genesisHash }, event);
    heads.set(tenant, entry);
    for (const Item of [
      { chain: tenant, seq: entry.seq, entry },
      { chain: `${tenant}#${entry.id}`, seq: 0 },
      { chain: tenant, seq: 0, headSeq: entry.seq, headHash: entry.hash },
    ])
      await dynamoDb.send(new PutCommand({ TableName: table, Item }));
    return entry;
  };
  let untouched: Record<string, unknown>[];

  beforeAll(async () => {
    await makeBucket(bucket);
    await makeTable(table, { chain: 'S', seq: 'N' });
    for (let n = 1; n <= 40; n++) entries.push(await append('tenant-a', n));
    entries.push(await append('tenant-b', 1));
    untouched = await itemsOf(table);
    for (const entry of entries) await copy(entry);
  });

  it('is rebuilt whole out of its copies: entries, markers and heads', async () => {
    for (const { chain, seq } of untouched)
      await dynamoDb.send(new DeleteCommand({ TableName: table, Key: { chain, seq } }));
    expect(await restore()).toEqual([
      { tenant: 'tenant-a', copies: 40, restored: 40, changed: [], broken: null },
      { tenant: 'tenant-b', copies: 1, restored: 1, changed: [], broken: null },
    ]);
    expect(await itemsOf(table)).toEqual(untouched);
    expect((await restore()).map(({ restored }) => restored)).toEqual([0, 0]);
  });

  it('keeps what came after the last copy', async () => {
    const later = await append('tenant-b', 2);
    await restore();
    const head = { chain: 'tenant-b', seq: 0, headSeq: 2, headHash: later.hash };
    expect(await itemsOf(table)).toContainEqual(head);
  });

  it('tells an entry that was changed, and puts it back when told to', async () => {
    const third = entries.find(({ tenant, seq }) => tenant === 'tenant-a' && seq === 3);
    const forged = { ...third, actor: 'somebody else' };
    await dynamoDb.send(
      new PutCommand({ TableName: table, Item: { chain: 'tenant-a', seq: 3, entry: forged } }),
    );
    expect((await restore())[0]).toMatchObject({ restored: 0, changed: [3], broken: null });
    expect(await itemsOf(table)).toContainEqual({ chain: 'tenant-a', seq: 3, entry: forged });
    await restore(true);
    expect(await itemsOf(table)).toContainEqual({ chain: 'tenant-a', seq: 3, entry: third });
  });

  it('believes the first version of a copy, not what was written over it', async () => {
    const fifth = entries.find(({ tenant, seq }) => tenant === 'tenant-a' && seq === 5) as LedgerEntry;
    await nextSecond();
    await copy(fifth, canonicalJson({ ...fifth, actor: 'somebody else' }));
    await drop(5);
    expect((await restore())[0]).toMatchObject({ restored: 1, broken: null });
    expect(await itemsOf(table)).toContainEqual({ chain: 'tenant-a', seq: 5, entry: fifth });
  });

  it('stops at copies that do not hold together, and says where', async () => {
    const last = entries.find(({ tenant, seq }) => tenant === 'tenant-a' && seq === 40) as LedgerEntry;
    await copy({ ...last, seq: 42 });
    await drop(40);
    expect((await restore())[0]).toEqual({
      tenant: 'tenant-a',
      copies: 40,
      restored: 1,
      changed: [],
      broken: { seq: 42, reason: 'entry 41 is missing' },
    });
  });
});
