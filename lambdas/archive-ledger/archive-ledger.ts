import { canonicalJson } from '../shared/digest';
import type { LedgerEntry } from '../shared/ledger';

interface Deps {
  /** Writes an object that nobody can change or delete before its retention is over. */
  readonly putLocked: (key: string, body: string) => Promise<void>;
}

/** A ledger item as the table's stream delivers it, by its sequence number in the stream. */
export interface StreamedItem {
  readonly sequenceNumber: string;
  readonly item: Record<string, unknown>;
}

/** Where an entry is kept: sortable by its place in the chain. */
export const archiveKey = (entry: Pick<LedgerEntry, 'tenant' | 'seq'>): string =>
  `ledger/${entry.tenant}/${String(entry.seq).padStart(12, '0')}.json`;

/**
 * Copies new ledger entries to the bucket with Object Lock, in order; heads and markers are not entries.
 * Stops at the first failure, so that the stream delivers from there again.
 *
 * @returns the sequence number that failed, if any
 */
export const makeArchiveLedger =
  ({ putLocked }: Deps) =>
  async (items: readonly StreamedItem[]): Promise<{ failed: string; error: Error } | undefined> => {
    for (const { sequenceNumber, item } of items) {
      const entry = item.entry as LedgerEntry | undefined;
      if (!entry) continue;
      try {
        await putLocked(archiveKey(entry), canonicalJson(entry));
      } catch (error) {
        return { failed: sequenceNumber, error: error as Error };
      }
    }
    return undefined;
  };
