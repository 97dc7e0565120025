import { createPrivateKey, createPublicKey } from 'node:crypto';
import { exportLayout } from '../../cli/ledger/export-folder';
import { formatVerifierKey, rawPublicKey } from '../../lambdas/ledger-proof/checkpoint';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger-chain';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';
import { type SampleKey, sampleNote, treeOf } from '../../scripts/bench/sample-ledger';

/** The key of the worked example: its 32 secret bytes are 1, 2, 3 … 32. */
export const exampleKey = (): SampleKey => {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => index + 1));
  const secret = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const der = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return { key: { name: 'orchestrator.example.com/doc', kind: 'log', publicKey: rawPublicKey(der) }, secret };
};

const common = {
  tenant: 'demo',
  runId: '01JDB2V8Q0C4M3XK7YH5N9TZRW',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const person = 'person:5f1d6a3c9be04e7788a0c2d4e6f80913';
const changeDigest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const events: readonly WrittenEvent[] = [
  {
    ...common,
    id: `run.started:${common.runId}`,
    type: 'run.started',
    actor: person,
    at: '2026-11-21T09:00:00.000Z',
    data: { workflow: 'vm-provisioning', workspace: 'demo/web' },
  },
  {
    ...common,
    id: `change.bound:${common.runId}`,
    type: 'change.bound',
    actor: 'bind-change',
    at: '2026-11-21T09:01:30.250Z',
    data: { changeDigest, counts: { create: 1, update: 0, replace: 0, delete: 0 }, note: 'Größe "m" – 1/3' },
  },
  {
    ...common,
    id: 'decision.made:b1c2',
    type: 'decision.made',
    actor: person,
    at: '2026-11-21T09:05:00.000Z',
    data: { changeDigest, decision: 'approve' },
  },
];

export const exampleEntries = (): LedgerEntry[] => {
  const entries: LedgerEntry[] = [];
  for (const event of events) entries.push(chain(entries.at(-1) ?? { seq: 0, hash: genesisHash }, event));
  return entries;
};

/** The files of `docs/examples/ledger`. */
export const exampleExport = (): Record<string, string> => {
  const signer = exampleKey();
  const lines = exampleEntries().map((entry) => canonicalJson(entry));
  return {
    [exportLayout.key]: `${formatVerifierKey(signer.key)}\n`,
    [`demo/${exportLayout.entries}`]: lines.map((line) => `${line}\n`).join(''),
    ...Object.fromEntries(
      [1, 3].map((size) => [
        `demo/${exportLayout.checkpoints}/${exportLayout.checkpointName(size)}`,
        sampleNote('demo', treeOf(lines, size), signer),
      ]),
    ),
  };
};
