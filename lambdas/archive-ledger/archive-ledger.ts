import { canonicalJson } from '../shared/digest';
import type { LedgerEntry } from '../shared/ledger';

interface Deps {
  /** Writes an object that nobody can change or delete before its retention is over. */
  readonly putLocked: (key: string, body: string) => Promise<void>;
}

/** Where an entry is kept: sortable by its place in the chain. */
export const archiveKey = (entry: Pick<LedgerEntry, 'tenant' | 'seq'>): string =>
  `ledger/${entry.tenant}/${String(entry.seq).padStart(12, '0')}.json`;

/** Copies a ledger entry to the bucket with Object Lock. */
export const makeArchiveLedger =
  ({ putLocked }: Deps) =>
  (entry: LedgerEntry): Promise<void> =>
    putLocked(archiveKey(entry), canonicalJson(entry));
