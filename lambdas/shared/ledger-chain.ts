import { digestOf } from './digest';
import type { WrittenEvent } from './ledger-event';

/**
 * An event at its place in the chain. `hash` is the SHA-256 of the canonical JSON of all other fields.
 *
 * An entry names people by reference only: `person:<32 hex digits>`, random, the same for one person in all chains.
 * `actor` is the name of a part of the product, `run:<run id>`, `unverified`, or one or several references, joined by
 * `+`, each `unverified:person:…` where nobody verified who it was. What people wrote stands in fields that end in
 * `Digest`, as the SHA-256 of a salt and the text. Whose reference it is, the salts and the texts can be erased.
 */
export interface LedgerEntry extends WrittenEvent {
  /** 1, 2, 3 … without a gap, per tenant. */
  readonly seq: number;
  /** Hash of the entry before; 64 zeros before the first. */
  readonly prevHash: string;
  readonly hash: string;
}

export const genesisHash = '0'.repeat(64);

/** Puts an event at the end of a chain whose head is `(seq, hash)`. */
export const chain = (head: { seq: number; hash: string }, event: WrittenEvent): LedgerEntry => {
  const unhashed = { ...event, seq: head.seq + 1, prevHash: head.hash };
  return { ...unhashed, hash: digestOf(unhashed) };
};

/** The first entry that breaks the chain after `head` and why, or `undefined` when all hold together. */
export const findBreak = (
  entries: readonly LedgerEntry[],
  head: { readonly seq: number; readonly hash: string } = { seq: 0, hash: genesisHash },
): { seq: number; reason: string } | undefined => {
  let last = head;
  for (const entry of entries) {
    if (entry.seq !== last.seq + 1) return { seq: entry.seq, reason: `entry ${last.seq + 1} is missing` };
    if (entry.prevHash !== last.hash)
      return { seq: entry.seq, reason: 'it does not follow from the entry before it' };
    const { hash, ...unhashed } = entry;
    if (digestOf(unhashed) !== hash) return { seq: entry.seq, reason: 'its content does not match its hash' };
    last = entry;
  }
  return undefined;
};
