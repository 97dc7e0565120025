import { generateKeyPairSync, sign } from 'node:crypto';
import type { CheckpointStore, StoredCheckpoint } from '../../lambdas/checkpoint-ledger/checkpoint-store';
import { makeCheckpointTenant, type ToCosign } from '../../lambdas/checkpoint-ledger/checkpoint-tenant';
import type { LedgerReader } from '../../lambdas/checkpoint-ledger/ledger-reader';
import type { LogSigner } from '../../lambdas/checkpoint-ledger/log-signer';
import { rawPublicKey, signatureLine, type VerifierKey } from '../../lambdas/ledger-proof/checkpoint';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';

export const makeSigningKey = (name: string, kind: VerifierKey['kind']) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { name, kind, publicKey: rawPublicKey(publicKey.export({ format: 'der', type: 'spki' })) };
  return { key, sign: (message: Uint8Array): Buffer => sign(null, message, privateKey) };
};

/** Something that happened, as the ledger takes it. */
export const anEvent = (n: number, tenant = 'acme') => ({
  tenant,
  id: `run.started:${n}`,
  type: 'run.started',
  runId: `run-${n}`,
  actor: 'orchestrator' as const,
  at: '2026-01-01T00:00:00.000Z',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: { n },
});

/** A chain, and more of it after what is there already. */
export const grownBy = (
  entries: readonly LedgerEntry[],
  count: number,
  event: (n: number) => WrittenEvent = anEvent,
): LedgerEntry[] => {
  const all = [...entries];
  for (let n = 0; n < count; n++)
    all.push(chain(all.at(-1) ?? { seq: 0, hash: genesisHash }, event(all.length + 1)));
  return all;
};

/** A ledger of one tenant and its checkpoints, in memory: `entries` may be replaced by what somebody made of them. */
export const prepareLog = (
  options: {
    readonly cosign?: (checkpoint: ToCosign) => Promise<readonly string[]>;
    readonly maxEntries?: number;
  } = {},
) => {
  const origin = 'log.example/test';
  const { key, sign: signBytes } = makeSigningKey(origin, 'log');
  const published = new Map<number, StoredCheckpoint>();
  const log = {
    entries: [] as LedgerEntry[],
    /** @default what the last entry says */
    head: undefined as { seq: number; hash: string } | undefined,
    published,
    key,
    /** Which entries were read. */
    read: [] as number[],
    pageSize: 3,
  };
  const reader: LedgerReader = {
    head: async () => {
      const { seq, hash } = log.head ?? log.entries.at(-1) ?? { seq: 0, hash: genesisHash };
      return { seq, hash };
    },
    read: async function* (_, first, last) {
      const found = log.entries.filter(({ seq }) => seq >= first && seq <= last);
      log.read.push(...found.map(({ seq }) => seq));
      yield [];
      for (let at = 0; at < found.length; at += log.pageSize) yield found.slice(at, at + log.pageSize);
    },
  };
  const checkpoints: CheckpointStore = {
    tenants: async () => ['acme'],
    newest: async (_, { atMost = Number.MAX_SAFE_INTEGER }) => {
      const sizes = [...published.keys()].filter((size) => size <= atMost);
      return sizes.length === 0 ? undefined : published.get(Math.max(...sizes));
    },
    put: async (_, checkpoint) => {
      const there = published.get(checkpoint.size);
      if (!there) published.set(checkpoint.size, checkpoint);
      return there;
    },
  };
  const signer: LogSigner = {
    key: async () => key,
    sign: async (text) => signatureLine(key, signBytes(Buffer.from(text))),
  };
  const deps = {
    reader,
    checkpoints,
    signer,
    origin,
    cosign: options.cosign ?? (async () => []),
    maxEntries: options.maxEntries ?? 1000,
  };
  return { log, deps, checkpointTenant: makeCheckpointTenant(deps) };
};
