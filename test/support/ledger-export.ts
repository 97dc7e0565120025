import { exportLayout } from '../../cli/ledger/export-folder';
import type { Trust } from '../../cli/ledger/verify-export';
import { canonicalJson } from '../../lambdas/shared/digest';
import { chain, genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger-chain';
import type { WrittenEvent } from '../../lambdas/shared/ledger-event';
import {
  type SampleKey,
  sampleEntries,
  sampleKey,
  sampleNote,
  treeOf,
} from '../../scripts/bench/sample-ledger';

export const signer = sampleKey('orchestrator.example.com/test');
export const trust: Trust = { key: signer.key, witnesses: [], kept: [] };

/** One tenant of an export: its lines, and its checkpoints by the name of their files. */
export interface ExportedTenant {
  readonly lines: readonly string[];
  readonly notes: Readonly<Record<string, string>>;
}

export const noteAt = (
  tenant: string,
  lines: readonly string[],
  size: number,
  by: SampleKey = signer,
  witnesses: readonly SampleKey[] = [],
): Record<string, string> => ({
  [exportLayout.checkpointName(size)]: sampleNote(tenant, treeOf(lines, size), by, witnesses),
});

export const exportedTenant = (tenant: string, count: number, sizes: readonly number[]): ExportedTenant => {
  const lines = [...sampleEntries(tenant, count)].map((entry) => canonicalJson(entry));
  return {
    lines,
    notes: Object.assign({}, ...sizes.map((size) => noteAt(tenant, lines, size))) as Record<string, string>,
  };
};

/** An export that was never written to disk. */
export const inMemory = (tenants: Readonly<Record<string, ExportedTenant>>) => ({
  tenants: Object.keys(tenants),
  lines: (tenant: string) => (tenants[tenant]?.lines ?? []).map((line) => Buffer.from(line)),
  checkpoints: (tenant: string) => Object.keys(tenants[tenant]?.notes ?? {}).sort(),
  note: (tenant: string, name: string) => tenants[tenant]?.notes[name] ?? '',
});

export const entryOf = (line: string): LedgerEntry => JSON.parse(line);

/** The chain from a place on, hashed anew, as somebody does who changes one event and hides it. */
export const rehashedFrom = (
  lines: readonly string[],
  seq: number,
  change: (event: WrittenEvent) => WrittenEvent,
): string[] => {
  const before = lines.slice(0, seq - 1);
  let head = seq === 1 ? { seq: 0, hash: genesisHash } : entryOf(before.at(-1) ?? '');
  const after = lines.slice(seq - 1).map((line, index) => {
    const { seq: _seq, prevHash: _prevHash, hash: _hash, ...event } = entryOf(line);
    const entry = chain(head, index === 0 ? change(event) : event);
    head = entry;
    return canonicalJson(entry);
  });
  return [...before, ...after];
};
