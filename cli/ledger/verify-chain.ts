import type { Checkpoint } from '../../lambdas/ledger-proof/checkpoint';
import { emptyTree, extend, type Frontier, leafHash, rootOf } from '../../lambdas/ledger-proof/merkle';
import { digestOf } from '../../lambdas/shared/digest';
import { genesisHash, type LedgerEntry } from '../../lambdas/shared/ledger-chain';
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

/** Where the reading of a chain stands: everything before holds together. */
export interface ChainState {
  readonly tree: Frontier;
  readonly prevHash: string;
  readonly lastAt: string | null;
  readonly signedSize: number;
  readonly ids: SeenIds;
}

type Step = { readonly state: ChainState; readonly broken: Break | null };

/** The checks of one chain, entry by entry. What they keep does not grow but for {@link SeenIds} and what was signed. */
export const makeChainVerifier = (tenant: string, signed: readonly SignedRoot[]) => {
  const bySize = new Map<number, SignedRoot[]>();
  for (const one of signed) bySize.set(one.size, [...(bySize.get(one.size) ?? []), one]);
  const largest = signed.reduce<SignedRoot | null>(
    (most, one) => (most && most.size >= one.size ? most : one),
    null,
  );

  /** Compares with what was signed of this size. */
  const compare = (state: ChainState): Step => {
    const here = bySize.get(state.tree.size);
    if (!here) return { state, broken: null };
    const { size } = state.tree;
    const root = rootOf(state.tree);
    const other = here.find((one) => !one.root.equals(root));
    if (!other) return { state: { ...state, signedSize: size }, broken: null };
    const first = state.signedSize + 1;
    const which = first >= size ? `entry ${size} was` : `at least one of the entries ${first} to ${size} was`;
    return {
      state,
      broken: broken(
        'rewritten',
        { line: null, seq: size === 0 ? null : first },
        `The first ${size} entries are not those that ${other.source} signs: ${which} replaced, and the chain hashed anew.`,
      ),
    };
  };

  return {
    begin: (): Step =>
      compare({ tree: emptyTree, prevHash: genesisHash, lastAt: null, signedSize: 0, ids: new SeenIds() }),

    take: (state: ChainState, bytes: Uint8Array): Step => {
      const seq = state.tree.size + 1;
      const found = breakOfLine(bytes, { tenant, seq, line: seq, prevHash: state.prevHash });
      if ('kind' in found) return { state, broken: found };
      const before = state.ids.note(found.id, seq);
      if (before !== undefined)
        return {
          state,
          broken: broken(
            'repeated',
            { line: seq, seq },
            `Entry ${seq} (line ${seq}) tells what entry ${before} told already: both have the same id.`,
          ),
        };
      const tree = extend(state.tree, [leafHash(bytes)]);
      return compare({ ...state, tree, prevHash: found.hash, lastAt: found.at });
    },

    /** After the last line. */
    end: ({ tree: { size } }: ChainState): Break | null =>
      largest && largest.size > size
        ? broken(
            'truncated',
            { line: null, seq: size + 1 },
            `${largest.source} signs ${largest.size} entries, and here the chain ends after ${size}: the end was cut off.`,
          )
        : null,
  };
};

/** The entry of a line, or what is wrong with it there. */
const breakOfLine = (
  bytes: Uint8Array,
  at: { readonly tenant: string; readonly seq: number; readonly line: number; readonly prevHash: string },
): LedgerEntry | Break => {
  try {
    const entry = parseEntry(bytes);
    return breakAt(entry, at) ?? entry;
  } catch (error) {
    if (!(error instanceof NoEntryError)) throw error;
    const { line, seq } = at;
    return broken(
      'changed',
      { line, seq },
      `Line ${line}, where entry ${seq} belongs, was changed: ${error.message}.`,
    );
  }
};

/** The entries of one chain, as their lines stand in an export, against their own hashes and every root that was signed. */
export const verifyChain = (
  tenant: string,
  lines: Iterable<Uint8Array>,
  signed: readonly SignedRoot[],
): ChainReport => {
  const verifier = makeChainVerifier(tenant, signed);
  let { state, broken: found } = verifier.begin();
  let gap: Break | null = null;
  let line = 0;
  for (const bytes of lines) {
    line += 1;
    if (gap) {
      // What is missing may stand further down.
      if (seqOf(bytes) !== gap.seq) continue;
      found = movedTo(gap, line);
      break;
    }
    if (found) break;
    ({ state, broken: found } = verifier.take(state, bytes));
    if (found?.kind === 'deleted') gap = found;
  }
  return {
    entries: state.tree.size,
    lastAt: state.lastAt,
    signedSize: state.signedSize,
    broken: found ?? verifier.end(state),
  };
};

const movedTo = ({ line, seq }: Break, to: number): Break =>
  broken(
    'reordered',
    { line, seq },
    `Entry ${seq} belongs on line ${line} and stands on line ${to}: entries were put into another order.`,
  );

const seqOf = (line: Uint8Array): number | undefined => {
  try {
    return parseEntry(line).seq;
  } catch {
    return undefined;
  }
};
