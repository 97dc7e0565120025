import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  type CheckpointStore,
  checkpointKey,
  makeCheckpointStore,
} from '../../lambdas/checkpoint-ledger/checkpoint-store';
import { makeCheckpointTenant } from '../../lambdas/checkpoint-ledger/checkpoint-tenant';
import { type LedgerReader, makeLedgerReader } from '../../lambdas/checkpoint-ledger/ledger-reader';
import { type LogSigner, makeLogSigner } from '../../lambdas/checkpoint-ledger/log-signer';
import { parseCheckpoint, parseNote, signersOf } from '../../lambdas/ledger-proof/checkpoint';
import { emptyTree, extend, leafHash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { canonicalJson } from '../../lambdas/shared/digest';
import { findBreak, type LedgerEntry, makeImpersonalLedger } from '../../lambdas/shared/ledger';
import { anEvent } from '../support/checkpoint-log';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { faultyClient } from '../support/in-memory-ledger-table';
import { createLedgerTable } from '../support/run-tables';

jest.setTimeout(120_000);

const bucket = 'audit';
const origin = 'log.example/integ';
const table = 'ledger';
let fixture: Fixture;
let documents: DynamoDBDocumentClient;
let s3: S3Client;
let checkpoints: CheckpointStore;
let reader: LedgerReader;
let signer: LogSigner;

beforeAll(async () => {
  fixture = await startFixture();
  const { config } = clients(fixture);
  const client = new DynamoDBClient(config);
  await createLedgerTable(client);
  documents = DynamoDBDocumentClient.from(client);
  s3 = new S3Client({ ...config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const kms = new KMSClient(config);
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
  );
  signer = makeLogSigner({ kms, keyArn: KeyMetadata?.Arn ?? '', name: origin });
  checkpoints = makeCheckpointStore({ s3, bucket });
  reader = makeLedgerReader({ client: documents, table, pageSize: 2 });
});
afterAll(() => endFixture(fixture));

const entriesOf = async (tenant: string): Promise<LedgerEntry[]> => {
  const found: LedgerEntry[] = [];
  for await (const page of reader.read(tenant, 1, 1_000_000)) found.push(...page);
  return found;
};

test('sixteen write to one chain at once, and answers get lost: nothing is missing, nothing is there twice', async () => {
  const writers = 16;
  const each = 3;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const client = faultyClient(documents, writer % 2 === 0 ? ['none', 'answer lost', 'lost'] : []);
      const ledger = makeImpersonalLedger({ client, table });
      for (let n = 0; n < each; n++)
        // As a step is tried again by its workflow; what fails for ever ends with the test's time.
        for (let done = false; !done; )
          done = await ledger.append(anEvent(writer * each + n, 'busy')).then(
            () => true,
            () => false,
          );
    }),
  );
  const entries = await entriesOf('busy');
  expect(entries).toHaveLength(writers * each);
  expect(findBreak(entries)).toBeUndefined();
  expect(new Set(entries.map(({ id }) => id)).size).toBe(writers * each);
  expect(await reader.head('busy')).toEqual({ seq: writers * each, hash: entries.at(-1)?.hash });
});

test('a chain is read in pages, signed by KMS and published once, whoever does it at the same time', async () => {
  const ledger = makeImpersonalLedger({ client: documents, table });
  const checkpointTenant = makeCheckpointTenant({
    reader,
    checkpoints,
    signer,
    origin,
    cosign: async () => [],
    maxEntries: 1000,
  });
  for (let n = 1; n <= 5; n++) await ledger.append(anEvent(n, 'acme'));
  const both = await Promise.all([checkpointTenant('acme'), checkpointTenant('acme')]);
  expect(both).toContainEqual({ published: [5], isCurrent: true });
  for (let n = 6; n <= 9; n++) await ledger.append(anEvent(n, 'acme'));
  expect(await checkpointTenant('acme')).toEqual({ published: [9], isCurrent: true });
  expect(await checkpointTenant('acme')).toEqual({ published: [], isCurrent: true });

  const entries = await entriesOf('acme');
  const leaves = entries.map((entry) => leafHash(canonicalJson(entry)));
  for (const size of [5, 9]) {
    const stored = await checkpoints.newest('acme', { about: 9, atMost: size });
    const note = parseNote(stored?.note ?? '');
    expect(signersOf(note, [await signer.key()])).toHaveLength(1);
    const tree = extend(emptyTree, leaves.slice(0, size));
    expect(parseCheckpoint(note.text)).toEqual({ origin: `${origin}/acme`, size, root: rootOf(tree) });
    expect(stored).toMatchObject({ size, frontier: tree, head: entries[size - 1]?.hash });
  }
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'checkpoints/acme/' }),
  );
  expect(Versions.map(({ Key }) => Key)).toEqual([checkpointKey('acme', 5), checkpointKey('acme', 9)]);
});

test('the newest checkpoint is found however far apart they are, and none is written over', async () => {
  const one = (size: number, note: string) => ({
    size,
    note,
    frontier: { size, nodes: [leafHash(note)] },
    head: 'head',
  });
  expect(await checkpoints.newest('sparse', { about: 0 })).toBeUndefined();
  expect(await checkpoints.newest('sparse', { about: 70_000 })).toBeUndefined();
  for (const size of [5, 1200, 1201, 30_000])
    expect(await checkpoints.put('sparse', one(size, `note ${size}`))).toBeUndefined();
  const newest = async (about: number, atMost?: number) =>
    (await checkpoints.newest('sparse', { about, ...(atMost !== undefined && { atMost }) }))?.note;
  expect(await newest(30_500)).toBe('note 30000');
  expect(await newest(0)).toBe('note 30000');
  expect(await newest(900_000)).toBe('note 30000');
  expect(await newest(30_500, 29_999)).toBe('note 1201');
  expect(await newest(1201, 1200)).toBe('note 1200');
  expect(await newest(1201, 4)).toBeUndefined();
  expect(await checkpoints.put('sparse', one(1200, 'another'))).toMatchObject({ note: 'note 1200' });
  expect(await checkpoints.tenants()).toContain('sparse');
});
