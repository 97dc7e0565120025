import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { makeCheckpointStore } from '../../lambdas/checkpoint-ledger/checkpoint-store';
import { makeLedgerReader } from '../../lambdas/checkpoint-ledger/ledger-reader';
import { formatVerifierKey, rawPublicKey } from '../../lambdas/ledger-proof/checkpoint';
import { canonicalJson } from '../../lambdas/shared/digest';
import { InvalidInputError } from '../../lambdas/shared/errors';
import { plainText } from '../../lambdas/shared/plain-text';
import { requireOutputs } from '../deployed-outputs';
import { lockedObjects } from '../restore/locked-objects';
import { exportLayout } from './export-folder';

interface Deps {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly kms: KMSClient;
}

export interface LedgerExport {
  readonly path: string;
  readonly environment: string;
  /** Only these; all when there are none. */
  readonly tenants: readonly string[];
  /** The copies under Object Lock in place of the table. */
  readonly fromArchive: boolean;
}

export interface ExportedTenant {
  readonly tenant: string;
  readonly entries: number;
  readonly checkpoints: number;
}

async function* archivedLines(s3: S3Client, bucket: string, tenant: string): AsyncGenerator<string> {
  for await (const { content } of lockedObjects(s3, bucket, `ledger/${tenant}/`)) yield content;
}

async function* storedLines(client: DynamoDBDocumentClient, table: string, tenant: string) {
  const reader = makeLedgerReader({ client, table });
  for await (const page of reader.read(tenant, 1, Number.MAX_SAFE_INTEGER))
    for (const entry of page) yield canonicalJson(entry);
}

const writeLines = async (path: string, lines: AsyncIterable<string>): Promise<number> => {
  const file = createWriteStream(path, { flags: 'wx' });
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return count;
};

const prepareFolder = (path: string): void => {
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new InvalidInputError(
      `${plainText(path, 400)} is not empty. Name a folder that is new: an export that is mixed with another proves nothing.`,
    );
  mkdirSync(path, { recursive: true });
};

const requireTenants = (there: readonly string[], wanted: readonly string[]): readonly string[] => {
  const missing = wanted.find((tenant) => !there.includes(tenant));
  if (missing !== undefined)
    throw new InvalidInputError(`There is no ledger of the tenant ${plainText(missing, 80)}.`);
  return wanted.length > 0 ? wanted : there;
};

/**
 * Writes what an auditor needs, tenant by tenant. Checkpoints are read before entries, so that none signs what came
 * after. What is exported is not looked at: that is the verifier's.
 *
 * @throws InvalidInputError when the environment is not deployed, the folder is not empty, or a tenant is unknown.
 */
export async function* exportLedger(
  { cloudFormation, dynamoDb, s3, kms }: Deps,
  { path, environment, tenants: wanted, fromArchive }: LedgerExport,
): AsyncGenerator<ExportedTenant> {
  const outputs = await requireOutputs(cloudFormation, environment);
  const { auditBucket: bucket, ledgerTable: table } = outputs;
  const tenants = requireTenants(await makeCheckpointStore({ s3, bucket }).tenants(), wanted);
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: outputs.ledgerKey }));
  const publicKey = rawPublicKey(PublicKey ?? new Uint8Array());
  const key = { name: outputs.ledgerOrigin, kind: 'log', publicKey } as const;
  prepareFolder(path);
  writeFileSync(join(path, exportLayout.key), `${formatVerifierKey(key)}\n`, { flag: 'wx' });
  for (const tenant of tenants) {
    const folder = join(path, tenant, exportLayout.checkpoints);
    mkdirSync(folder, { recursive: true });
    let checkpoints = 0;
    for await (const { name, content } of lockedObjects(s3, bucket, `checkpoints/${tenant}/`)) {
      writeFileSync(join(folder, checkedName(name)), content, { flag: 'wx' });
      checkpoints += 1;
    }
    const lines = fromArchive ? archivedLines(s3, bucket, tenant) : storedLines(dynamoDb, table, tenant);
    const entries = await writeLines(join(path, tenant, exportLayout.entries), lines);
    yield { tenant, entries, checkpoints };
  }
}

/** A key of the bucket becomes the name of a file here. */
const checkedName = (name: string): string => {
  if (!/^\d{12}\.txt$/.test(name))
    throw new InvalidInputError(
      `The audit bucket has "${plainText(name, 200)}" among its checkpoints, which is none of the product's. Look at who wrote it.`,
    );
  return name;
};
