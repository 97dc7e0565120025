import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { exportLayout } from '../../cli/ledger/export-folder';
import {
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  rawPublicKey,
  signatureLine,
  type VerifierKey,
} from '../../lambdas/ledger-proof/checkpoint';
import { emptyTree, extend, type Frontier, leafHash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger-chain';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';

/** A key that signs like the one in KMS, or like a witness's. */
export interface SampleKey {
  readonly key: VerifierKey;
  readonly secret: KeyObject;
}

export const sampleKey = (name: string, kind: VerifierKey['kind'] = 'log'): SampleKey => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    key: { name, kind, publicKey: rawPublicKey(publicKey.export({ format: 'der', type: 'spki' })) },
    secret: privateKey,
  };
};

const started = Date.UTC(2026, 0, 1);

/** Something that happened, as large as what happens in a run. */
export const sampleEvent = (tenant: string, index: number): WrittenEvent => ({
  tenant,
  id: `decision.made:${index}`,
  type: index % 2 === 0 ? 'decision.made' : 'apply.authorized',
  runId: `01KRUN${String(Math.floor(index / 10)).padStart(20, '0')}`,
  actor: `person:${index % 7}`,
  at: new Date(started + index * 1000).toISOString(),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {
    approvalId: `approval-${index}`,
    changeDigest: String(index).padStart(64, '0'),
    counts: { create: index % 5, update: 0, replace: 0, delete: 0 },
    dangers: ['create'],
    hash: 'of something else',
    workspace: `${tenant}/web – Größe ${index % 3}`,
  },
});

/** The first entries of a tenant's chain. */
export function* sampleEntries(tenant: string, count: number): Generator<LedgerEntry> {
  let head = { seq: 0, hash: genesisHash };
  for (let index = 0; index < count; index++) {
    const entry = chain(head, sampleEvent(tenant, index));
    yield entry;
    head = entry;
  }
}

export const cosign = (text: string, { key, secret }: SampleKey, seconds: bigint): string => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(seconds);
  const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  return signatureLine(key, Buffer.concat([time, sign(null, message, secret)]));
};

/** The note of a tree, signed by the log and by witnesses. */
export const sampleNote = (
  tenant: string,
  tree: Frontier,
  { key, secret }: SampleKey,
  witnesses: readonly SampleKey[] = [],
): string => {
  const text = formatCheckpoint({ origin: `${key.name}/${tenant}`, size: tree.size, root: rootOf(tree) });
  return formatNote(text, [
    signatureLine(key, sign(null, Buffer.from(text), secret)),
    ...witnesses.map((witness) => cosign(text, witness, 1_767_225_600n)),
  ]);
};

/** The tree of the first lines, after those of another. */
export const treeOf = (lines: readonly string[], size = lines.length, before = emptyTree): Frontier =>
  extend(
    before,
    lines.slice(0, size).map((line) => leafHash(line)),
  );

/** Writes the export of one tenant, with a checkpoint at each of the sizes. */
export const writeSampleTenant = (
  folder: string,
  {
    tenant,
    entries,
    sizes,
    signer,
  }: {
    readonly tenant: string;
    readonly entries: Iterable<LedgerEntry>;
    readonly sizes: ReadonlySet<number>;
    readonly signer: SampleKey;
  },
): void => {
  const checkpoints = join(folder, tenant, exportLayout.checkpoints);
  mkdirSync(checkpoints, { recursive: true });
  writeFileSync(join(folder, exportLayout.key), `${formatVerifierKey(signer.key)}\n`);
  const file = openSync(join(folder, tenant, exportLayout.entries), 'w');
  let tree = emptyTree;
  for (const entry of entries) {
    const line = canonicalJson(entry);
    writeSync(file, `${line}\n`);
    tree = extend(tree, [leafHash(line)]);
    if (sizes.has(tree.size))
      writeFileSync(
        join(checkpoints, exportLayout.checkpointName(tree.size)),
        sampleNote(tenant, tree, signer),
      );
  }
  closeSync(file);
};
