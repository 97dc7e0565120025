import type { Checkpoint } from '../../lambdas/ledger-proof/checkpoint';
import { emptyTree, extend, leafHash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { digestOf } from '../../lambdas/shared/digest';
import { genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger';
import { plainText } from '../../lambdas/shared/plain-text';
import { NoEntryError, parseEntry } from './ledger-entry';
import { SeenIds } from './seen-ids';

/** How a ledger can be broken. Names are API: the format page explains each. */
export type BreakKind =
  | 'changed'
  | 'deleted'
  | 'reordered'
  | 'repeated'
  | 'foreign'
  | 'truncated'
  | 'rewritten'
  | 'forked'
  | 'unsigned'
  | 'misplaced';

export interface Break {
  readonly kind: BreakKind;
  /** The line of `entries.jsonl`, from 1; `null` where it is not about one. */
  readonly line: number | null;
  /** The place in the chain that is wrong; `null` where it is not about one. */
  readonly seq: number | null;
  readonly message: string;
}

/** What was signed, and where it says so. */
export interface SignedRoot extends Pick<Checkpoint, 'size' | 'root'> {
  /** Names its file for people. */
  readonly source: string;
}

export interface ChainReport {
  /** Entries that hold together from the first on. */
  readonly entries: number;
  /** When the last of them was made. */
  readonly lastAt: string | null;
  /** The largest signed size whose root these entries have; 0 when there is none. */
  readonly signedSize: number;
  readonly broken: Break | null;
}

const broken = (kind: BreakKind, place: Pick<Break, 'line' | 'seq'>, message: string): Break => ({
  kind,
  ...place,
  message,
});

/** What is wrong with an entry that should stand at a place after the one before; `null` when nothing is. */
const breakAt = (
  entry: LedgerEntry,
  at: { readonly tenant: string; readonly seq: number; readonly line: number; readonly prevHash: string },
): Break | null => {
  const { tenant, seq, line, prevHash } = at;
  if (entry.tenant !== tenant)
    return broken(
      'foreign',
      { line, seq },
      `Line ${line} is an entry of ${plainText(entry.tenant, 80)}, and not of ${tenant}: it was put here from another chain.`,
    );
  if (entry.seq < seq)
    return broken(
      'repeated',
      { line, seq },
      `Line ${line} is entry ${entry.seq}, which stands before it already, where entry ${seq} belongs: it was repeated.`,
    );
  if (entry.seq > seq)
    return broken(
      'deleted',
      { line, seq },
      `Line ${line} is entry ${entry.seq}, where entry ${seq} belongs: ${
        entry.seq === seq + 1 ? `entry ${seq} was` : `entries ${seq} to ${entry.seq - 1} were`
      } deleted.`,
    );
  const { hash, ...unhashed } = entry;
  if (digestOf(unhashed) !== hash)
    return broken(
      'changed',
      { line, seq },
      `Entry ${seq} (line ${line}) does not have the hash that it names: it was changed after it was written.`,
    );
  if (entry.prevHash !== prevHash)
    return broken(
      'changed',
      { line, seq },
      seq === 1
        ? `Entry 1 (line ${line}) names an entry before it: it is not the beginning of this chain, or was changed.`
        : `Entry ${seq} (line ${line}) was not written after the entry ${seq - 1} that stands here: one of the two was changed and hashed anew.`,
    );
  return null;
};

/**
 * The entries of one chain, line by line as they stand in an export, against their own hashes and every root that was
 * signed. Reads all lines once; beside the one at hand it keeps a hash for each bit of their number, the ids by
 * {@link SeenIds}, and what was signed.
 */
export const verifyChain = (
  tenant: string,
  lines: Iterable<Uint8Array>,
  signed: readonly SignedRoot[],
): ChainReport => {
  const bySize = new Map<number, SignedRoot[]>();
  for (const one of signed) bySize.set(one.size, [...(bySize.get(one.size) ?? []), one]);
  const ids = new SeenIds();
  let tree = emptyTree;
  let prevHash = genesisHash;
  let lastAt: string | null = null;
  let signedSize = 0;

  const rewritten = (): Break | null => {
    const here = bySize.get(tree.size);
    if (!here) return null;
    const root = rootOf(tree);
    const other = here.find((one) => !one.root.equals(root));
    if (!other) {
      signedSize = tree.size;
      return null;
    }
    const first = signedSize + 1;
    return broken(
      'rewritten',
      { line: null, seq: tree.size === 0 ? null : first },
      `The first ${tree.size} entries are not those that ${other.source} signs: ${
        first >= tree.size
          ? `entry ${tree.size} was`
          : `at least one of the entries ${first} to ${tree.size} was`
      } replaced, and the chain hashed anew.`,
    );
  };

  const take = (bytes: Uint8Array): Break | null => {
    const seq = tree.size + 1;
    let entry: LedgerEntry;
    try {
      entry = parseEntry(bytes);
    } catch (error) {
      if (!(error instanceof NoEntryError)) throw error;
      return broken(
        'changed',
        { line: seq, seq },
        `Line ${seq}, where entry ${seq} belongs, was changed: ${error.message}.`,
      );
    }
    const wrong = breakAt(entry, { tenant, seq, line: seq, prevHash });
    if (wrong) return wrong.kind === 'deleted' ? deletedOrReordered(wrong, seq, seq) : wrong;
    const before = ids.note(entry.id, seq);
    if (before !== undefined)
      return broken(
        'repeated',
        { line: seq, seq },
        `Entry ${seq} (line ${seq}) tells what entry ${before} told already: both have the same id.`,
      );
    tree = extend(tree, [leafHash(bytes)]);
    prevHash = entry.hash;
    lastAt = entry.at;
    return rewritten();
  };

  const source = lines[Symbol.iterator]();
  /** An entry that is missing here may stand further down. */
  const deletedOrReordered = (gap: Break, seq: number, line: number): Break => {
    for (let at = line + 1; ; at++) {
      const next = source.next();
      if (next.done) return gap;
      if (seqOf(next.value) === seq)
        return broken(
          'reordered',
          { line, seq },
          `Entry ${seq} belongs on line ${line} and stands on line ${at}: entries were put into another order.`,
        );
    }
  };

  const report = (found: Break | null): ChainReport => ({
    entries: tree.size,
    lastAt,
    signedSize,
    broken: found,
  });
  const empty = rewritten();
  if (empty) return report(empty);
  for (let next = source.next(); !next.done; next = source.next()) {
    const wrong = take(next.value);
    if (wrong) {
      source.return?.();
      return report(wrong);
    }
  }
  const beyond = signed.reduce<SignedRoot | null>(
    (most, one) => (one.size > (most?.size ?? tree.size) ? one : most),
    null,
  );
  return report(
    beyond &&
      broken(
        'truncated',
        { line: null, seq: tree.size + 1 },
        `${beyond.source} signs ${beyond.size} entries, and here the chain ends after ${tree.size}: the end was cut off.`,
      ),
  );
};

const seqOf = (line: Uint8Array): number | undefined => {
  try {
    return parseEntry(line).seq;
  } catch {
    return undefined;
  }
};
