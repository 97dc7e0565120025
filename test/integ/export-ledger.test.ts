import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { openExport } from '../../cli/ledger/export-folder';
import { exportLedger, type LedgerExport } from '../../cli/ledger/export-ledger';
import { readKey } from '../../cli/ledger/verifier-key';
import { verifyExport } from '../../cli/ledger/verify-export';
import { archiveKey } from '../../lambdas/archive-ledger/archive-ledger';
import { checkpointKey } from '../../lambdas/checkpoint-ledger/checkpoint-store';
import { rawPublicKey } from '../../lambdas/ledger-proof/checkpoint';
import { canonicalJson } from '../../lambdas/shared/digest';
import { type SampleKey, sampleEntries, sampleNote, treeOf } from '../../scripts/bench/sample-ledger';
import { deployedOutputs, stackWith } from '../support/deployed-stack';
import { clients, endFixture, type Fixture, startFixture } from '../support/emulator-fixture';
import { createLedgerTable } from '../support/run-tables';
import { ensureSecondVerifier, secondOpinion } from '../support/second-verifier';

jest.setTimeout(120_000);

const origin = 'orchestrator.example.com/integ';
const counts = { 'tenant-a': 60, 'tenant-b': 7 };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const der = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const signer: SampleKey = {
  key: { name: origin, kind: 'log', publicKey: rawPublicKey(der(publicKey)) },
  secret: privateKey,
};

let fixture: Fixture;
let deps: Parameters<typeof exportLedger>[0];
let folder: string;

const outputs = { ...deployedOutputs, LedgerOrigin: origin };

beforeAll(async () => {
  fixture = await startFixture();
  const { config } = clients(fixture);
  const [client, s3] = [new DynamoDBClient(config), new S3Client({ ...config, forcePathStyle: true })];
  // What a deployment and its key say: nothing is deployed here, and the key signs in this process.
  const cloudFormation = mockClient(CloudFormationClient);
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [stackWith(outputs)],
  });
  mockClient(KMSClient)
    .on(GetPublicKeyCommand)
    .resolves({ PublicKey: der(publicKey) });
  deps = {
    cloudFormation: new CloudFormationClient(config),
    kms: new KMSClient(config),
    dynamoDb: DynamoDBDocumentClient.from(client),
    s3,
  };
  await createLedgerTable(client);
  await s3.send(new CreateBucketCommand({ Bucket: 'audit' }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: 'audit', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'audit', Key, Body }));
  for (const [tenant, count] of Object.entries(counts)) {
    const entries = [...sampleEntries(tenant, count)];
    const lines = entries.map((entry) => canonicalJson(entry));
    await Promise.all(
      entries.map(async (entry, index) => {
        const Item = { chain: tenant, seq: entry.seq, entry };
        await deps.dynamoDb.send(new PutCommand({ TableName: 'ledger', Item }));
        await put(archiveKey(entry), lines[index] ?? '');
      }),
    );
    const head = entries.at(-1);
    await deps.dynamoDb.send(
      new PutCommand({
        TableName: 'ledger',
        Item: { chain: tenant, seq: 0, headSeq: head?.seq, headHash: head?.hash },
      }),
    );
    for (const size of [5, count])
      await put(checkpointKey(tenant, size), sampleNote(tenant, treeOf(lines, size), signer));
  }
});
afterAll(() => endFixture(fixture));
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'export-ledger-')), 'export');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const exported = async (given: Partial<LedgerExport> = {}) => {
  const call = { path: folder, environment: 'integ', tenants: [], fromArchive: false, ...given };
  return collect(exportLedger(deps, call));
};
const verdicts = () => {
  const key = readKey(join(folder, 'key.txt'), { kind: 'log', origin: null });
  return [...verifyExport(openExport(folder), { key, witnesses: [], kept: [] })].map(
    ({ tenant, verdict, entries, signedSize }) => ({ tenant, verdict, entries, signedSize }),
  );
};
const whole = Object.entries(counts).map(([tenant, count]) => ({
  tenant,
  verdict: 'whole',
  entries: count,
  signedSize: count,
}));

test.each([false, true])(
  'what is deployed is exported and whole, for both verifiers (archive: %p)',
  async (fromArchive) => {
    expect(await exported({ fromArchive })).toEqual(
      Object.entries(counts).map(([tenant, entries]) => ({ tenant, entries, checkpoints: 2 })),
    );
    expect(verdicts()).toEqual(whole);
    const key = readFileSync(join(folder, 'key.txt'), 'utf8').trim();
    const { code, reports } = await secondOpinion(await ensureSecondVerifier(), folder, key);
    expect([code, reports.map(({ verdict }) => verdict)]).toEqual([0, ['whole', 'whole']]);
  },
);

test('one tenant alone', async () => {
  await exported({ tenants: ['tenant-b'] });
  expect(verdicts()).toEqual(whole.slice(1));
  await expect(exported({ path: `${folder}-2`, tenants: ['tenant-c'] })).rejects.toThrow(
    'There is no ledger of the tenant tenant-c.',
  );
});

test('a folder that holds something is left alone', async () => {
  await exported({ tenants: ['tenant-b'] });
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  await expect(exported()).rejects.toThrow('is not empty');
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
});

test('copies that were written over or deleted come as they were first; the table tells on itself', async () => {
  const key = (seq: number) => archiveKey({ tenant: 'tenant-a', seq });
  const [entry] = [...sampleEntries('tenant-a', 1)];
  await deps.s3.send(new PutObjectCommand({ Bucket: 'audit', Key: key(3), Body: '{}' }));
  await deps.s3.send(new DeleteObjectCommand({ Bucket: 'audit', Key: key(4) }));
  await deps.s3.send(new DeleteObjectCommand({ Bucket: 'audit', Key: checkpointKey('tenant-a', 60) }));
  await deps.dynamoDb.send(
    new PutCommand({
      TableName: 'ledger',
      Item: { chain: 'tenant-a', seq: 1, entry: { ...entry, actor: 'mallory' } },
    }),
  );
  await exported({ fromArchive: true });
  expect(verdicts()).toEqual(whole);
  rmSync(folder, { recursive: true });
  await exported();
  expect(verdicts().map(({ verdict, entries }) => [verdict, entries])).toEqual([
    ['broken', 0],
    ['whole', 7],
  ]);
});
